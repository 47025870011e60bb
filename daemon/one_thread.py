"""One thread for the front end's small products: more of them cost memory and win nothing.

Must be imported before numpy is, hence by the commands that listen, at the door.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
