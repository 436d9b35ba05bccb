"""Put the engine onto a cluster: `python -m serving.cluster deploy`, `status` or `stop`.

`JUST_LOOK_CLUSTER` names the cluster; here "auto" is the default, the cluster that `ray start --head` began.
"""

from __future__ import annotations

import argparse
import os
import sys

from ray import serve

from serving.cluster.engine import MANY, ONE, connect, deploy
from serving.cluster.settings import settings


def main() -> None:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m serving.cluster", description="The engine on a Ray cluster.")
    parser.add_argument("action", choices=("deploy", "status", "stop"))
    action = parser.parse_args().action
    os.environ.setdefault("JUST_LOOK_CLUSTER", "auto")
    try:
        chosen = settings()
        connect(chosen)
    except (ConnectionError, ValueError) as error:
        sys.exit(str(error))
    if action == "deploy":
        deploy(chosen)
    if action == "stop":
        serve.delete(MANY)
        serve.delete(ONE)
    for name, application in serve.status().applications.items():
        replicas = {deployment: dict(state.replica_states) for deployment, state in application.deployments.items()}
        print(f"{name}: {application.status}, {replicas}")


if __name__ == "__main__":
    main()
