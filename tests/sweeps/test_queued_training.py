"""Trainings of a sweep in the queue, while the database comes and goes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.errors import DatabaseError
from mnist_core.jobs.job import FINISHED, RUNNING, STOPPED, Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.sweeps import queued_training, sweep_runner, sweep_store
from mnist_core.sweeps.queued_training import QueuedTraining, check_wanted
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.scripted import DONE, SECONDS, Script
from tests.sweeps.sweeps_on_disk import Launches, plan

CONFIG = recipe_config("specified", "mlp")
AWAY = DatabaseError("The database postgresql://host cannot be used")


class Queue:
    """A queue with one job. answers: what happens at each look at it; an error is raised."""

    def __init__(self, *answers: Job | Exception, stops: tuple[Exception | None, ...] = ()) -> None:
        self.answers, self.outcomes, self.stops = list(answers), list(stops), list[bool]()

    def jobs(self) -> tuple[Job, ...]:
        return (Job(7, "mine/a", CONFIG, state=RUNNING),)

    def wait(self, number: int, seconds: float) -> Job:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self, number: int, *, keep: bool) -> None:
        if self.outcomes and (outcome := self.outcomes.pop(0)):
            raise outcome
        self.stops.append(keep)


def training(queue: Queue, name: str = "mine/b") -> QueuedTraining:
    submit: Callable[[TrainingConfig, str], Job] = lambda config, name: Job(8, name, config)  # noqa: E731
    return QueuedTraining(CONFIG, name, queue=queue, submit=submit)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queued_training, "SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr(sweep_runner, "SECONDS_BETWEEN_TRIES", 0)


def test_a_training_is_followed_to_its_end_although_the_database_was_away() -> None:
    ended = Job(8, "mine/b", CONFIG, state=FINISHED, result=DONE)
    queue = Queue(AWAY, Job(8, "mine/b", CONFIG, state=RUNNING), AWAY, ended)
    assert list(training(queue).events()) == [DONE]
    assert queue.stops == []


def test_a_stop_that_the_database_did_not_hear_is_asked_for_again() -> None:
    queue = Queue(Job(8, "mine/b", CONFIG, state="stopped", message="Stopped."), stops=(AWAY, AWAY, None))
    stopped = training(queue)
    stopped.stop(keep=False)
    assert queue.stops == []
    assert list(stopped.events()) == []
    assert queue.stops == [False]
    assert stopped.failure() == "Stopped."


def test_a_training_that_a_server_left_in_the_queue_is_followed_and_not_asked_for_again() -> None:
    def submit(config: TrainingConfig, name: str) -> Job:
        raise AssertionError("asked for again")

    ended = Job(7, "mine/a", CONFIG, state=FINISHED, result=DONE)
    left = QueuedTraining(CONFIG, "mine/a", queue=Queue(ended), submit=submit)  # type: ignore[arg-type]
    assert list(left.events()) == [DONE]


def test_a_database_that_is_away_is_no_failure_of_a_training(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    launches, away = Launches(tmp_path), [AWAY] * 5

    def launch(config: TrainingConfig, name: str) -> object:
        if away:
            raise away.pop()
        return launches(config, name)

    sweep = SweepRunner("mine", launch, folder=tmp_path).run()  # type: ignore[arg-type]
    assert (len(sweep.results), sweep.failures) == (2, {})


def test_a_training_that_an_ended_server_left_of_its_sweep_does_not_begin_until_the_sweep_is_continued(
    tmp_path: Path,
) -> None:
    sweep = sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    started: list[Script] = []

    def launch(config: TrainingConfig, name: str) -> Script:
        started.append(Script(config, name))
        started[-1].tell(DONE, None)
        return started[-1]

    jobs = JobQueue(launch, tmp_path, check_wanted=lambda name: check_wanted(name, tmp_path))
    left, single = (jobs.submit(CONFIG, name).number for name in ("mine/a", "single"))
    assert jobs.wait(left, SECONDS).state == STOPPED
    assert "Continue the sweep" in jobs.job(left).message
    assert jobs.wait(single, SECONDS).state == FINISHED
    with sweep_store.working_on(sweep):
        assert jobs.wait(jobs.submit(CONFIG, "mine/a").number, SECONDS).state == FINISHED
    assert [script.name for script in started] == ["single", "mine/a"]
