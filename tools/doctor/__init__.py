"""What a machine, its environment, the data, the settings and the store are like, a line each, with what to do about it.

Written for whichever Python 3 is there: `make doctor` may come before anything is installed.
"""
