"""`python -m kafka_agent_studio` is the same program as `kafka-agent-studio`."""

import sys

from kafka_agent_studio.main import main

if __name__ == "__main__":
    sys.exit(main())
