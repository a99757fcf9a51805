"""Makes a runner of every agent of a workspace."""

from typing import Any

from kafka_agent_studio.engine.agents.guarded_runner import AgentBody, GuardedRunner, failed
from kafka_agent_studio.engine.agents.llm_runner import LlmRunner
from kafka_agent_studio.engine.agents.model_caller import ModelCaller, ModelChoice
from kafka_agent_studio.engine.agents.output_schema import OutputSchema
from kafka_agent_studio.engine.agents.parts import AgentParts, Rehearses, rehearses_none
from kafka_agent_studio.engine.agents.run_scope import RunScope
from kafka_agent_studio.engine.agents.sequential_runner import SequentialRunner, Step
from kafka_agent_studio.engine.agents.tool_runner import ToolRunner
from kafka_agent_studio.engine.agents.tools import Tool
from kafka_agent_studio.engine.ports import RunOutcome
from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.run import ErrorType
from kafka_agent_studio.model.workspace import AnyAgent, Workspace
from kafka_agent_studio.workspace.schema_files import schema_name
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue


def build_runners(
    *, workspace: Workspace, tools: ToolCatalogue, parts: AgentParts, rehearses: Rehearses = rehearses_none
) -> dict[str, GuardedRunner]:
    """Return a runner per agent, by name; what is built stays as it is whatever happens to the files.

    An agent that cannot run (its tool may not be imported) gets a runner that says so in every outcome.
    """
    return _Builder(workspace=workspace, tools=tools, parts=parts, rehearses=rehearses).runners()


class _CannotRun:
    """Implements AgentBody for an agent of which something is missing."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def work(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        return failed(ErrorType.INTERNAL, self._reason)


class _Builder:
    def __init__(self, *, workspace: Workspace, tools: ToolCatalogue, parts: AgentParts, rehearses: Rehearses) -> None:
        self._workspace = workspace
        self._tools = tools
        self._parts = parts
        self._choice = ModelChoice(
            completion=parts.completion(workspace.settings.providers), rehearsal=parts.rehearsal, rehearses=rehearses
        )
        self._runners: dict[str, GuardedRunner] = {}
        self._steps: dict[str, Step] = {}

    def runners(self) -> dict[str, GuardedRunner]:
        for name in self._workspace.agents:
            self._runner(name)
        return self._runners

    def _runner(self, name: str) -> GuardedRunner:
        runner = self._runners.get(name)
        if runner is None:
            agent = self._workspace.agents[name]
            runner = self._runners[name] = GuardedRunner(
                name=name,
                body=self._body(agent),
                timeout_s=agent.timeout,
                concurrency=agent.concurrency,
                gates=self._parts.gates,
                clock=self._parts.clock,
            )
        return runner

    def _body(self, agent: AnyAgent) -> AgentBody:
        match agent:
            case LlmAgent():
                return self._llm(agent)
            case ToolAgent():
                return self._tool(agent)
            case SequentialAgent():
                return self._sequential(agent)

    def _llm(self, agent: LlmAgent) -> AgentBody:
        offered = self._tools.offered(agent.tools)
        if len(offered) < len(self._tools.chosen(agent.tools)):
            return _CannotRun(f"the tools of {agent.name} may not be imported: trust this folder first")
        return LlmRunner(
            agent=agent,
            tools=[Tool(function=o.tool, threads=self._parts.threads, condition=o.condition) for o in offered],
            caller=ModelCaller(choice=self._choice, retry=agent.retry_options, random=self._parts.random),
            output_schema=self._schema(agent),
        )

    def _tool(self, agent: ToolAgent) -> AgentBody:
        function = self._tools.function(agent.tool_name)
        if function is None:
            return _CannotRun(f"the tool {agent.tool_name} may not be imported: trust this folder first")
        return ToolRunner(
            tool=Tool(function=function, threads=self._parts.threads),
            retry=agent.retry_options,
            output_schema=self._schema(agent),
            random=self._parts.random,
        )

    def _sequential(self, agent: SequentialAgent) -> AgentBody:
        missing = [name for name in agent.agents if name not in self._workspace.agents]
        if missing:
            return _CannotRun(f"{agent.name} names agents that do not exist: {', '.join(missing)}")
        return SequentialRunner(
            name=agent.name,
            steps=[self._step(name) for name in agent.agents],
            retry=agent.retry_options,
            output_schema=self._schema(agent),
            random=self._parts.random,
        )

    def _step(self, name: str) -> Step:
        step = self._steps.get(name)
        if step is None:
            limit = self._workspace.agents[name].max_concurrent_runs
            step = self._steps[name] = Step(runner=self._runner(name), max_concurrent_runs=limit)
        return step

    def _schema(self, agent: AnyAgent) -> OutputSchema | None:
        if agent.output_schema is None:
            return None
        schemas = self._workspace.schemas
        name = schema_name(agent.output_schema, set(schemas))
        return OutputSchema(name=f"schemas/{name}.json", schema=schemas[name])
