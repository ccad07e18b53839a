"""What the page learns of a cluster before a sweep starts, without Ray."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace

from mnist_core.errors import ClusterError
from mnist_core.jobs.cluster_launcher import ClusterFacts
from mnist_core.jobs.cluster_survey import ClusterAnswer, ClusterSurvey
from tests.scripted import SECONDS

FACTS = ClusterFacts("10.0.0.1:6379", nodes=2, cores=4)


def settled(survey: ClusterSurvey) -> ClusterAnswer:
    end = time.monotonic() + SECONDS
    while (answer := survey.answer()).asking:
        assert time.monotonic() < end
        time.sleep(0.01)
    return answer


def test_a_cluster_is_asked_once_and_again_when_the_answer_is_old_which_stays_meanwhile() -> None:
    goes_on, asked = Event(), list[str]()

    @contextmanager
    def join() -> Iterator[SimpleNamespace]:
        asked.append("asked")
        assert goes_on.wait(SECONDS)
        if len(asked) > 1:
            raise ClusterError("There is no Ray cluster at 10.0.0.1:6379")
        yield SimpleNamespace(facts=FACTS)

    survey = ClusterSurvey(join)  # type: ignore[arg-type]
    assert survey.answer() == survey.answer() == ClusterAnswer(asking=True)
    goes_on.set()
    assert settled(survey) == survey.answer() == ClusterAnswer(FACTS)
    assert len(asked) == 1
    goes_on.clear()
    survey._until = 0.0  # long ago
    assert survey.answer() == ClusterAnswer(FACTS, asking=True)
    goes_on.set()
    assert settled(survey) == ClusterAnswer()
    assert len(asked) == 2
