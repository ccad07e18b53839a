"""Who may do what on a server: modes, roles, signing in, quotas, and a log of what was done.

Whatever changes something for others goes through `acts`, which asks `roles` first. Nothing here knows of pages.
"""
