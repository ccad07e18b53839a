"""What the cluster has that RAY_ADDRESS names: a process joins it for a moment and is asked.

>>> survey = ClusterSurvey()                                             # doctest: +SKIP
>>> survey.answer()                                                      # doctest: +SKIP
ClusterAnswer(facts=None, asking=True)
>>> survey.answer().facts                                                # doctest: +SKIP
ClusterFacts(address='10.0.0.1:6379', nodes=2, cores=8)
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from threading import Lock, Thread

from mnist_core.errors import ClusterError
from mnist_core.jobs.cluster_launcher import ClusterFacts, ClusterLauncher

KEPT_FOR = 300.0
"""Seconds for which an answer counts. Nodes come and go."""

TRIED_AGAIN_AFTER = 30.0
"""Seconds for which it counts that the cluster could not be joined."""


@dataclass(frozen=True)
class ClusterAnswer:
    """facts: None if they are not known. asking: whether they will be known in a moment, or that they cannot be."""

    facts: ClusterFacts | None = None
    asking: bool = False


class ClusterSurvey:
    """One object serves all visitors of a server, from any thread."""

    def __init__(self, join: Callable[[], AbstractContextManager[ClusterLauncher]] = ClusterLauncher) -> None:
        """join: what joins the cluster."""
        self._join = join
        self._lock = Lock()
        self._answer = ClusterAnswer()
        self._until = 0.0

    def answer(self) -> ClusterAnswer:
        """What is known. If that is nothing, or old, the cluster is asked meanwhile. An old answer stays until then."""
        with self._lock:
            if not self._answer.asking and time.monotonic() > self._until:
                Thread(target=self._ask, name="cluster survey", daemon=True).start()
                self._answer = replace(self._answer, asking=True)
            return self._answer

    def _ask(self) -> None:
        facts = None
        try:
            with self._join() as launcher:
                facts = launcher.facts
        except ClusterError as error:  # it names the cluster's address, which is not for all visitors
            logging.getLogger(__name__).warning("What the cluster has is not known: %s", error)
        finally:  # also after an error that nobody expected, so that it is asked again
            with self._lock:
                self._answer = ClusterAnswer(facts)
                self._until = time.monotonic() + (KEPT_FOR if facts else TRIED_AGAIN_AFTER)
