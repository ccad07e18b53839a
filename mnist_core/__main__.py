"""`python -m mnist_core`: see cli.py."""

import sys

from mnist_core.cli.main import main

sys.exit(main())
