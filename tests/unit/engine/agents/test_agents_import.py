"""litellm takes seconds and 170 MB: nothing imports it before a real model is asked."""

import subprocess
import sys
import textwrap

from tests.helpers.agent_bench import SAMPLE

_REHEARSE = """
    import asyncio, sys
    from pathlib import Path
    from tests.helpers.agent_bench import AgentBench
    from kafka_agent_studio.engine.agents.parts import rehearses_all

    async def main():
        bench = AgentBench(Path("."), rehearses=rehearses_all)
        await bench.parts.warm_up({"sandbox/rehearsal"})
        outcome = await bench.run("order-processor")
        assert outcome.error is None, outcome
        await bench.parts.close()

    asyncio.run(main())
    assert "litellm" not in sys.modules
"""


def test_a_rehearsed_workspace_never_imports_litellm() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_REHEARSE)], cwd=SAMPLE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
