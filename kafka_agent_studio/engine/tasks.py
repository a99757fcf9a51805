"""Where the engine finds the task helper."""

from kafka_agent_studio.api.tasks import TaskGroupOwner as TaskGroupOwner
