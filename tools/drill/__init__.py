"""The fault drill: poisoned batches are fed to a good store, one by one. None may reach `published`.

Run it with `python -m tools.drill`, or `make drill`; `python -m tools.drill --help` lists what can be asked for.
"""
