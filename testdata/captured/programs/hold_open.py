# SPDX-License-Identifier: Apache-2.0
"""A process that keeps a file open and its content in memory: hold_open.py FILE PID_FILE.

Goes to the background; PID_FILE then holds its process id.
"""

import os
import sys
import time

held = open(sys.argv[1], "rb")
content = held.read()
child = os.fork()
if child:
    with open(sys.argv[2], "w", encoding="ascii") as pid_file:
        pid_file.write(str(child))
else:
    os.setsid()
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    time.sleep(600)
