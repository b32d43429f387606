# SPDX-License-Identifier: Apache-2.0
"""Pulls the plug of the ext4 file system that holds the directory given: nothing more is written.

power-loss.py DIRECTORY [journal]   with "journal", what the file system itself remembers still gets to the disk, and the
                                    contents of files that were not forced do not: sizes without bytes
"""
import fcntl
import os
import struct
import sys

EXT4_IOC_SHUTDOWN = 0x8004587D
LOG_FLUSH = 1
NO_LOG_FLUSH = 2

flag = LOG_FLUSH if sys.argv[2:] == ["journal"] else NO_LOG_FLUSH
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack("I", flag))
