"""The process that uses a Ray cluster for another process of this machine, which hands it trainings and hears of them.

Each line on standard input is a request, each line on standard output is news, as JSON:

    {"train": "how-wide/mlp-width-64-seed-1", "config": {...}, "started_by": "owner anna@example.org"}
                                                                   hand this training to the cluster
    {"stop": "how-wide/mlp-width-64-seed-1", "keep": false}        end it

    {"ready": {"address": "10.0.0.1:6379", "nodes": 2, "cores": 8}}
    {"refused": "There is no Ray cluster at ..."}                  and the process ends
    {"run": "how-wide/mlp-width-64-seed-1", "event": {...}}        see `mnist_core.events`
    {"run": "how-wide/mlp-width-64-seed-1", "ended": ""}           nothing more comes of it; why it failed, if it did

Ray's scheduler decides where and when each training runs, Ray repeats it if its worker is lost, and Ray's object store
takes the digits to each node once. A run comes back as bytes and is written here, by the code that writes every run.
If the plan of a sweep says so, `ending_rule` ends worse trainings early. Their finished event has "ended_early": true.
When standard input closes, the process ends, and Ray ends its trainings.
"""

import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from threading import Lock, Thread, Timer
from typing import Any

from mnist_core.cluster.ending_rule import EndingRule
from mnist_core.cluster.mailbox import Mailbox
from mnist_core.cluster.remote_training import Order, RunFiles, train_remotely
from mnist_core.data.datasets import load_digit_set
from mnist_core.data.pen_sources import UCI_PENS, has_uci_pens, load_pens_by_name
from mnist_core.errors import ClusterError, DigitDuelError
from mnist_core.events import Event
from mnist_core.jobs.cluster_launcher import ADDRESS, cluster_address
from mnist_core.jobs.cores import THREADS
from mnist_core.models.registry import VARIABLE as FURTHER_ARCHITECTURES
from mnist_core.runs import store
from mnist_core.runs.file_format import KERAS_MODEL
from mnist_core.runs.folders import PACKAGE
from mnist_core.runs.names import sweep_of
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import write_starter
from mnist_core.sweeps.sweep_store import load_sweep
from mnist_core.sweeps.training_result import note_ended_early

RETRIES = 3
"""How often Ray repeats a training whose worker or node was lost. An error of the training itself is not repeated."""

SECONDS_BETWEEN_LOOKS = 0.2
"""At what was handed over meanwhile, while the cluster is silent."""

ANSWERS_WITHIN = 5.0
"""Seconds until a connection to the head node counts as refused."""

SECONDS_TO_END = 10.0
"""How long Ray has to end what it has started here."""

OBJECT_STORE = 512 * 1024**2
"""Bytes of the object store of a cluster that is started here. MNIST takes 55 MB of it, a run about 1 MB."""


class ClusterService:
    """Trainings on a cluster that was joined. `follow` reads how they go; other methods are for any thread."""

    def __init__(self, *, cores: int, say: Callable[[dict[str, Any]], None]) -> None:
        """Join a cluster or start one. cores: what each training is given. say: told the news, see above.

        Raises ClusterError.
        """
        self._cores, self._say = cores, say
        self._lock = Lock()
        self._active: dict[Any, Order] = {}
        self._starters: dict[int, str] = {}
        self._stopped: set[str] = set()
        self._rules: dict[str, EndingRule] = {}
        self._ended_early: set[int] = set()
        self._objects: dict[tuple[str, str], Any] = {}
        self._number = 0
        self._is_ending = False
        self._ray = connected(cores)
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        each = [int(node["Resources"].get("CPU", 0)) for node in nodes]
        if cores > max(each, default=0):
            raise ClusterError(
                f"Each training is to get {cores} cores, and no node of the Ray cluster has more than "
                f"{max(each, default=0)}. Use --cores with a smaller number."
            )
        self._mailbox = new_mailbox(self._ray)
        self._train = self._ray.remote(num_cpus=cores, max_retries=RETRIES)(train_remotely)
        address = cluster_address() or str(self._ray.get_runtime_context().gcs_address)
        say({"ready": {"address": address, "nodes": len(nodes), "cores": sum(each)}})

    def train(self, name: str, config: TrainingConfig, *, started_by: str = "") -> None:
        """Hand a training to the cluster. If that is impossible, its end is told with the reason.

        started_by: the identity of who asked for it, which is written with the run. Empty for nobody in particular.
        """
        try:
            store.check_free(name)
            sweep = load_sweep(sweep_of(name)) if sweep_of(name) else None
            keras_model = sweep.plan.keep_models if sweep else True
            if sweep and sweep.plan.end_worse and sweep.name not in self._rules:
                self._rules[sweep.name] = EndingRule(sweep)
            with self._lock:
                self._number += 1
                order = Order(self._number, name, config, keras_model)
                self._stopped.discard(name)
            digits = self._object("digits", config.data, lambda: load_digit_set(config.data))
            further = [self._run(each) for each in dict.fromkeys((config.teacher, config.initial_run)) if each]
            pens = self._pens(config)
            with self._lock:
                reference = self._train.options(name=name).remote(order, self._mailbox, digits, pens, *further)
                self._active[reference] = order
                self._starters[order.number] = started_by
        except (DigitDuelError, OSError) as error:
            self._say({"run": name, "ended": str(error)})
        except Exception as error:  # Ray has no common error for this, and the other trainings go on
            self._say({"run": name, "ended": f"Ray could not take it ({type(error).__name__}: {_first_line(error)})."})

    def _object(self, kind: str, name: str, load: Callable[[], Any]) -> Any:
        """What several trainings need, put into Ray's object store once."""
        if (kind, name) not in self._objects:
            self._objects[kind, name] = self._ray.put(load())
        return self._objects[kind, name]

    def _run(self, name: str) -> Any:
        return self._object("run", name, lambda: RunFiles.read(name, store.load_run(name).folder))

    def _pens(self, config: TrainingConfig) -> Any:
        if not config.pen_fraction or (config.pens == UCI_PENS and not has_uci_pens()):
            return None
        return self._object("pens", config.pens, lambda: load_pens_by_name(config.pens))

    def stop(self, name: str, *, keep: bool) -> None:
        """End a training. keep: whether its best epoch becomes a run."""
        with self._lock:
            self._stopped.add(name)
            found = [(reference, order) for reference, order in self._active.items() if order.name == name]
        for reference, order in found:
            try:
                if keep:
                    self._mailbox.keep.remote(order.number)
                else:
                    self._ray.cancel(reference, force=True)
            except Exception as error:  # Ray has no common error for this either
                print(f"{name} could not be stopped: {_first_line(error)}", file=sys.stderr)

    def end(self) -> None:
        """Let `follow` return."""
        self._is_ending = True

    def follow(self) -> None:
        """Tell what happens until `end` is called. Then leave the cluster, which ends what still trains."""
        news = self._mailbox.take.remote()
        while not self._is_ending:
            with self._lock:
                references = list(self._active)
            ready, _ = self._ray.wait([news, *references], num_returns=1, timeout=SECONDS_BETWEEN_LOOKS)
            for reference in ready:
                if reference is not news:  # its last events come first
                    self._mailbox.wake.remote()
                self._tell_events(news)
                news = self._mailbox.take.remote()
                if reference in self._active:
                    self._tell_end(reference)
        self._ray.shutdown()

    def _tell_events(self, news: Any) -> None:
        with self._lock:
            orders = {order.number: order for order in self._active.values()}
        try:
            events = self._ray.get(news)
        except self._ray.exceptions.RayActorError:  # it is started anew, and only events were lost
            return
        for number, event in events:
            if number in orders:
                self._say({"run": orders[number].name, "event": event})
                self._end_if_worse(orders[number], event)

    def _end_if_worse(self, order: Order, event: Event) -> None:
        """After an epoch, end a training early if its sweep wants that and others are better."""
        rule = self._rules.get(sweep_of(order.name))
        if rule and event["event"] == "epoch" and rule.ends(order.name, order.config, event):
            self._ended_early.add(order.number)
            self.stop(order.name, keep=True)

    def _tell_end(self, reference: Any) -> None:
        """Write the run of a training that has ended, and say so, or say why there is none."""
        with self._lock:
            order = self._active.pop(reference)
            started_by = self._starters.pop(order.number)
            # What was ended early is no wish of the user's: if its worker is lost, the reason is told.
            is_stopped = order.name in self._stopped and order.number not in self._ended_early
        reason = ""
        try:
            outcome = self._ray.get(reference)
            reason = outcome.failed_because
            if outcome.run:
                without = () if order.keras_model else (KERAS_MODEL,)
                with store.writing(order.name, without=without) as partial:
                    outcome.run.write(partial)
                    if started_by:
                        write_starter(partial, started_by)
                    if order.number in self._ended_early and outcome.finished["stopped"]:
                        note_ended_early(partial, epochs=outcome.run.epochs)
                        outcome.finished["ended_early"] = True
                self._say({"run": order.name, "event": outcome.finished})
        except DigitDuelError as error:
            reason = str(error)
        except self._ray.exceptions.RayError as error:
            reason = "" if is_stopped else _in_words(error)
        self._say({"run": order.name, "ended": reason})


def _in_words(error: Exception) -> str:
    """Why Ray gives no result, for the user."""
    import ray.exceptions as kinds

    if isinstance(error, kinds.OutOfMemoryError):
        return "Memory ran out on its node, and Ray ended it. A smaller network or batch size needs less."
    if isinstance(error, kinds.RayTaskError):
        cause = error.cause or error
        return f"It failed on its worker ({type(cause).__name__}: {_first_line(cause)})."
    if isinstance(error, kinds.WorkerCrashedError | kinds.NodeDiedError):
        return f"Its worker was lost {RETRIES + 1} times, so Ray gave it up. Perhaps memory ran out on its node."
    return f"Ray could not complete it ({type(error).__name__}: {_first_line(error)})."


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:300]


def new_mailbox(ray: Any) -> Any:
    """A mailbox in a process on this machine. It needs no core, because it mostly waits."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    make = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1, scheduling_strategy=here)
    return make(Mailbox).remote()


def connected(cores: int) -> Any:
    """The module ray, once this process has joined a cluster. Raises ClusterError."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    try:
        import ray
    except ImportError as error:
        raise ClusterError(
            "Ray is not installed. Install it with: pip install 'digit-duel[cluster]' (in a checkout: "
            "pip install '.[cluster]')"
        ) from error
    address = cluster_address()
    if address:
        _check_reachable(address)
    else:  # Ray protects what it starts with a secret. It would leave one in the user's home, for all later clusters.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    further = {} if address else {"include_dashboard": False, "object_store_memory": OBJECT_STORE}
    variables = dict.fromkeys((*THREADS, "OMP_NUM_THREADS"), str(cores)) | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    if named := os.environ.get(FURTHER_ARCHITECTURES):
        variables[FURTHER_ARCHITECTURES] = named
    # `app` is there in an installed package, and no worker needs it.
    environment = {"py_modules": [str(PACKAGE)], "excludes": ["/app/", "__pycache__/"], "env_vars": variables}
    for is_last in (True,) if address else (False, True):  # a busy machine may need longer than Ray waits
        try:
            ray.init(address or "local", runtime_env=environment, log_to_driver=False, logging_level="error", **further)
            break
        except Exception as error:  # Ray has no common error for this
            ray.shutdown()
            if is_last:
                raise ClusterError(_not_joined(address, error)) from error
    return ray


def _not_joined(address: str, error: Exception) -> str:
    """Why no cluster was joined, for the user."""
    if not address:
        return f"Ray cannot be started on this machine ({_first_line(error)})."
    return (
        f"The Ray cluster at {address} cannot be joined ({_first_line(error)}). A machine that uses a cluster must be "
        "one of its nodes, so run `ray start --address=HOST:PORT` on it. RAY_AUTH_MODE and RAY_AUTH_TOKEN must be "
        "those of the cluster."
    )


def _check_reachable(address: str) -> None:
    """Raise ClusterError if nothing listens at that address. Ray itself would try for a minute and then abort."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in address:
        raise ClusterError(f"{ADDRESS} is {address!r}, expected HOST:PORT of the head node, such as 10.0.0.1:6379.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS_WITHIN).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"There is no Ray cluster at {address} ({error}). Start one with `ray start --head` on that machine, "
            f"correct {ADDRESS}, or unset it to use this machine alone."
        ) from error


def serve(cores: int) -> int:
    """Do what standard input asks for until it closes. Returns the exit code."""
    lock = Lock()

    def say(news: dict[str, Any]) -> None:
        with lock:
            print(json.dumps(news), flush=True)

    try:
        store.sweep()
        service = ClusterService(cores=cores, say=say)
    except ClusterError as error:
        say({"refused": str(error)})
        return 1
    Thread(target=_obey, args=(service,), name="requests", daemon=True).start()
    service.follow()
    return 0


def _obey(service: ClusterService) -> None:
    """Follow the lines on standard input."""
    for line in sys.stdin:
        request = json.loads(line)
        if "train" in request:
            config = TrainingConfig.from_json(request["config"])
            service.train(request["train"], config, started_by=request["started_by"])
        else:
            service.stop(request["stop"], keep=request["keep"])
    too_late = Timer(SECONDS_TO_END, os._exit, (1,))
    too_late.daemon = True
    too_late.start()
    service.end()
