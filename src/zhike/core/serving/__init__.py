"""Serving: one port, one process tree.

granian accepts connections (`web`), the `front` sends `/live` and `/poll` to `core.live` and all else through
the `bridge` to Django. The `supervisor` keeps web and jobs running; `lifeline` and `folderlock` make sure
that a killed parent leaves nothing behind and that nobody starts twice on one data folder.
"""
