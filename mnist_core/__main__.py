"""`python -m mnist_core` is the command `digit-duel`, see cli/main.py."""

import sys

from mnist_core.cli.main import main

sys.exit(main())
