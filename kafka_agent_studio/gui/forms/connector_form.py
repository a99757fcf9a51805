"""The form of a connector, inbound or outbound: which cluster, which topic, which agents, and what happens when."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.cluster_commands import ConnectionDraft, TestConnection
from kafka_agent_studio.api.commands import EditFields
from kafka_agent_studio.gui.forms.choice_fields import ChoiceField
from kafka_agent_studio.gui.forms.cluster_offers import ClusterOffers
from kafka_agent_studio.gui.forms.connection_fields import ConnectionFields
from kafka_agent_studio.gui.forms.connector_fields import ConnectorFields
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.forms.file_form import FileForm
from kafka_agent_studio.gui.forms.group_words import say_group
from kafka_agent_studio.gui.forms.mistakes import model_mistakes
from kafka_agent_studio.gui.forms.names import suggested_name
from kafka_agent_studio.gui.forms.save_as_connection import SaveAsConnection
from kafka_agent_studio.gui.forms.secret_storing import store_secrets
from kafka_agent_studio.gui.forms.section import Section
from kafka_agent_studio.gui.forms.text_edits import Edit, Fields, edit_files
from kafka_agent_studio.gui.forms.topic_field import TopicField
from kafka_agent_studio.gui.forms.users import restarts
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.model.base import SANDBOX, FileModel
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import Direction, InboundConnector, OutboundConnector

OWN = "(its own settings)"
"""No name of a connection: the choice to carry the settings in the connector's own file."""
_INBOUND_KEYS = (
    "group_id",
    "auto_offset_reset",
    "ordering",
    "max_in_flight",
    "on_failure",
    "dead_letter_topic",
)
_OUTBOUND_KEYS = ("inputs", "payload", "publish", "skip_empty", "allow_loop")
_OWN_KEYS = ("bootstrap_servers", "security")


class ConnectorForm(FileForm):
    """New, edit and duplicate, for both directions; what only one of them has appears with it."""

    folder = "connectors"

    def __init__(self, *, parts: WindowParts, changes: FileChanges) -> None:
        super().__init__(parts=parts, changes=changes)
        theme = parts.theme
        self.direction = Direction.INBOUND
        self._is_name_given = False
        self.offers = ClusterOffers(bridge=parts.bridge)
        self.parts_of = ConnectorFields(theme=theme)
        self.name_field = self.parts_of.name
        self.cluster_fields = ConnectionFields(theme=theme, icons=parts.icons)
        self.cluster = ChoiceField(
            title="Connection",
            explanation="A saved connection, shared with other connectors, or settings of this one's own.",
            theme=theme,
            options=(),
        )
        self.save_as = SaveAsConnection(theme=theme, check=self._connection_name_mistake)
        self.topic = self._topic_field("Topic", "", "orders")
        self.dead_letter = self._topic_field(
            "Dead letter topic", "Gets the original message, with the error in its headers.", "orders.dlq"
        )
        fields = self.parts_of
        self.fields = {
            "connection": self.cluster,
            **self.cluster_fields.fields,
            "topic": self.topic.field,
            "name": fields.name,
            "agents": fields.agents,
            "inputs": fields.inputs,
            "payload": fields.payload,
            "publish": fields.publish,
            "group_id": fields.group,
            "auto_offset_reset": fields.reset,
            "ordering": fields.ordering,
            "max_in_flight": fields.max_in_flight,
            "on_failure": fields.on_failure,
            "dead_letter_topic": self.dead_letter.field,
            "skip_empty": fields.skip_empty,
            "allow_loop": fields.allow_loop,
            "enabled": fields.enabled,
        }
        self._lay_out_fields()
        self._connect()

    @property
    def noun(self) -> str:  # type: ignore[override]
        """What is new."""
        return f"{self.direction.value} connector"

    def _topic_field(self, title: str, explanation: str, placeholder: str) -> TopicField:
        return TopicField(
            title=title,
            explanation=explanation,
            placeholder=placeholder,
            theme=self.parts.theme,
            bridge=self.parts.bridge,
            offers=self.offers,
            ask=self.ask,
        )

    def _lay_out_fields(self) -> None:
        theme, fields = self.parts.theme, self.parts_of
        where = Section(heading="", theme=theme)
        for widget in (self.cluster, self.cluster_fields, self.save_as, self.topic, fields.name):
            where.add(widget)
        links = Section(heading="Links", theme=theme)
        links.add(fields.agents)
        links.add(fields.inputs)
        self._inbound_part = Section(heading="Reading", theme=theme)
        self._inbound_part.add(fields.group)
        self._inbound_part.add(fields.reset)
        self._inbound_part.add_pair(fields.ordering, fields.max_in_flight)
        self._inbound_part.add(fields.on_failure)
        self._inbound_part.add(self.dead_letter)
        self._outbound_part = Section(heading="Publishing", theme=theme)
        self._outbound_part.add_pair(fields.payload, fields.publish)
        self._outbound_part.add(fields.skip_empty)
        self._outbound_part.add(fields.allow_loop)
        last = Section(heading="State", theme=theme)
        last.add(fields.enabled)
        for part in (where, links, self._inbound_part, self._outbound_part, last):
            self.content.addWidget(part)
        self.content.addStretch(1)

    def _connect(self) -> None:
        own = (*self.cluster_fields.fields.values(), self.name_field)
        for field in self.fields.values():
            if field not in own:
                field.edited.connect(self.on_edited)
            field.left.connect(self.on_edited)
        self.cluster_fields.edited.connect(self.on_edited)
        self.name_field.edited.connect(self._on_name)
        self.topic.field.edited.connect(self._on_topic)
        self.parts_of.group.edited.connect(self._say_group)
        self.offers.changed.connect(self._on_offers)
        self.save_as.asked.connect(self._on_save_as)
        for signal in (self.parts.bridge.workspace_changed, self.parts.bridge.rebuilt):
            signal.connect(self._on_workspace)

    # opening

    def begin_new(self, direction: Direction, **values: Any) -> None:
        """Begin a connector; the saved connection that most others use is chosen, else the sandbox."""
        names = [c.connection for c in self.parts.bridge.view.workspace.connectors.values() if c.connection]
        saved = sorted(self.parts.bridge.view.workspace.connections)
        usual = max(sorted(set(names)), key=names.count, default=saved[0] if saved else SANDBOX)
        self._is_name_given = "name" in values
        given = {"version": "1.0", "direction": direction.value, "connection": usual} | values
        self.open_new(given)
        self.topic.field.editor.setFocus()

    def refresh(self) -> None:
        """Follow the workspace: connections, agents, inbound connectors."""
        workspace = self.parts.bridge.view.workspace
        marked = workspace.settings.production
        options = [(name, f"{name} · production" if name in marked else name) for name in sorted(workspace.connections)]
        options += [(SANDBOX, "sandbox: a broker inside this program"), (OWN, "settings of its own…")]
        self.cluster.offer(options)
        agents = sorted(workspace.agents.items())
        self.parts_of.agents.offer([(name, " ".join(agent.description.split())) for name, agent in agents])
        self.parts_of.inputs.offer([(connector.name, f"reads {connector.topic}") for connector in workspace.inbound])

    def put_values(self, values: Mapping[str, Any]) -> None:
        """Show what a file holds."""
        self.direction = Direction.OUTBOUND if values.get("direction") == "outbound" else Direction.INBOUND
        workspace = self.parts.bridge.view.workspace
        for key, field in self.fields.items():
            if key not in self.cluster_fields.fields and key != "connection":
                field.show_value(values.get(key))
        is_own = any(values.get(key) is not None for key in _OWN_KEYS)
        self.cluster.show_value(OWN if is_own else values.get("connection"))
        secret = str(values.get("name") or "")
        self.cluster_fields.show_values(values, folder=workspace.root, secret=secret)
        self.save_as.reset()
        self._say_direction()
        self._show_parts()

    def _say_direction(self) -> None:
        is_inbound = self.direction is Direction.INBOUND
        group = f"kafka-agent-studio.{self.parts.bridge.view.workspace.name}.{self.name_field.current or '<name>'}"
        self.topic.field.explain("The topic to read." if is_inbound else "The topic to publish results to.")
        self.parts_of.agents.explain(
            "Every message goes to all of these." if is_inbound else "The results of these are published."
        )
        line = self.parts_of.group.line
        line.setPlaceholderText(group)
        self._inbound_part.setVisible(is_inbound)
        self._outbound_part.setVisible(not is_inbound)
        self.parts_of.inputs.setVisible(not is_inbound)

    # what it means

    @property
    def is_own(self) -> bool:
        """Whether the connector carries its own settings."""
        return bool(self.cluster.current == OWN)

    def written(self) -> dict[str, Any]:
        """The fields as they belong into the file."""
        others = _OUTBOUND_KEYS if self.direction is Direction.OUTBOUND else _INBOUND_KEYS
        values: dict[str, Any] = {
            "version": self.base.get("version", "1.0"),
            "name": self.name_field.written,
            "direction": self.base.get("direction", self.direction.value),
            "enabled": self.parts_of.enabled.written,
            "connection": None if self.is_own else self.cluster.written,
            "bootstrap_servers": self.cluster_fields.servers.written if self.is_own else None,
            "security": self.cluster_fields.written_security() if self.is_own else None,
            "topic": self.topic.field.written,
            "agents": self.fields["agents"].written,
        }
        for key in others:
            values[key] = self.fields[key].written if self.is_needed(key) else None
        return values

    def model(self) -> type[FileModel]:
        """An inbound or an outbound connector."""
        return InboundConnector if self.direction is Direction.INBOUND else OutboundConnector

    def missing(self) -> dict[str, str]:
        """What has to be filled in and is not."""
        words = {
            "connection": "Choose a connection.",
            "topic": "Choose a topic, or type its name.",
            "name": "Give it a name.",
            "dead_letter_topic": "Where should failed messages go?",
        }
        missing = {key: text for key, text in words.items() if self.is_needed(key) and self.fields[key].current is None}
        return (self.cluster_fields.missing() if self.is_own else {}) | missing

    def mistakes(self) -> dict[str, str]:
        """What is wrong; a topic that is missing is said at its own field alone."""
        found = super().mistakes()
        if self.dead_letter.field.current is None and self.is_needed("dead_letter_topic"):
            found.pop("on_failure", None)
        return found

    def is_needed(self, key: str) -> bool:
        """Whether a field has a meaning with what the others say."""
        if key in self.cluster_fields.fields:
            return self.is_own and (not key.startswith("security.") or self.cluster_fields.is_needed(key))
        if key == "dead_letter_topic":
            return self.direction is Direction.INBOUND and self.parts_of.on_failure.current == "dead_letter"
        if key in _INBOUND_KEYS:
            return self.direction is Direction.INBOUND
        return key not in _OUTBOUND_KEYS or self.direction is Direction.OUTBOUND

    def effect(self) -> str:
        """What Save will do."""
        view, name = self.parts.bridge.view, str(self.name_field.current)
        is_on = bool(self.parts_of.enabled.current)
        if self.is_new:
            does = "starts it" if self.direction is Direction.INBOUND else "publishes from then on"
            return f"Save creates connectors/{name}.yaml and {does if is_on else 'leaves it off'}."
        if not self.changed_values():
            return "Save stores the password; it is used at the next connect."
        if self.parts_of.enabled.is_changed:
            return f"Save {'starts' if is_on else 'stops'} {name}."
        renamed = ""
        if (
            name != self.original_name
            and self.direction is Direction.INBOUND
            and self.fields["group_id"].current is None
        ):
            renamed = " With its new name it reads in a new group."
        return f"Save {restarts(view, [self.original_name])}.{renamed}"

    def production_names(self) -> Sequence[str]:
        """The connections marked as production that it uses, now or after the save."""
        marked = self.parts.bridge.view.workspace.settings.production
        names = (self.base.get("connection"), None if self.is_own else self.cluster.current)
        return [name for name in dict.fromkeys(names) if name in marked]

    def further_edits(self) -> list[Edit]:
        """A new name, in the outbound connectors that list it among their inputs."""
        name, before = str(self.name_field.current), self.original_name
        if not before or name == before:
            return []
        workspace = self.parts.bridge.view.workspace

        def follow(fields: Fields) -> Fields:
            inputs = fields.get("inputs")
            if not isinstance(inputs, list):
                return {}
            return {"inputs": [name if item == before else item for item in inputs]}

        return [
            (workspace.files.get(f"connector/{other.name}", f"connectors/{other.name}.yaml"), follow)
            for other in workspace.outbound
            if other.inputs is not None and before in other.inputs
        ]

    def check_command(self, job_id: str, text: str, secrets: Mapping[str, str]) -> TestConnection | None:
        """Check what the form holds; a form that is not whole yet has at least its connection checked."""
        if not self.mistakes():
            return TestConnection(job_id, text=text, secrets=secrets)
        if not self.is_own:
            name = self.cluster.current
            return None if name is None else TestConnection(job_id, name=str(name))
        if self.cluster_fields.missing():
            return None
        draft = ConnectionDraft(
            str(self.cluster_fields.servers.current),
            self.cluster_fields.written_security() or {},
            topic=self.topic.field.current,
            group_id=self.parts_of.group.current,
            reads=self.direction is Direction.INBOUND,
        )
        return TestConnection(job_id, draft=draft, secrets=secrets)

    # what happens

    def on_edited(self) -> None:
        """Show the parts that are needed now, and look at the cluster that is chosen."""
        if self.is_open:
            self._show_parts()
        super().on_edited()

    def _show_parts(self) -> None:
        self.cluster_fields.setVisible(self.is_own)
        self.save_as.setVisible(self.is_own)
        self.save_as.allow(not self._own_mistakes())
        self.dead_letter.setVisible(self.is_needed("dead_letter_topic"))
        if not self.is_own:
            known = self.cluster.current in (*self.parts.bridge.view.workspace.connections, SANDBOX)
            self.offers.look_at(str(self.cluster.current) if known else "")
        elif self.path is not None and not self.cluster.is_changed and not self.cluster_fields.is_changed:
            self.offers.look_at(self.original_name)
        else:
            self.offers.look_at("")
        self._say_group()

    def _on_workspace(self) -> None:
        # A connection that was just saved can be asked for its topics only once the workspace knows it.
        if self.is_open:
            self._show_parts()

    def _on_name(self) -> None:
        self._is_name_given = self.name_field.current is not None
        self.cluster_fields.suggest_secret(str(self.name_field.current or ""))
        self._say_direction()
        self.on_edited()

    def _on_topic(self) -> None:
        if self.is_new and not self._is_name_given:
            workspace = self.parts.bridge.view.workspace
            taken = {*workspace.connections, *workspace.connectors, SANDBOX}
            name = suggested_name(str(self.topic.field.current or ""), self.direction, taken)
            self.name_field.line.setText(name)
            self.cluster_fields.suggest_secret(name)
            self._say_direction()
            self.on_edited()

    def _on_offers(self) -> None:
        self.parts_of.group.offer([group.name for group in self.offers.groups or ()])
        self._say_group()

    def _say_group(self) -> None:
        self.offers.look_at_group(str(self.parts_of.group.current or ""))
        say_group(self.parts_of.group, self.offers)

    # its own settings become a connection

    def _connection_values(self, name: str) -> dict[str, Any]:
        values = {
            "version": "1.0",
            "name": name,
            "bootstrap_servers": self.cluster_fields.servers.current,
            "security": self.cluster_fields.written_security(),
        }
        return {key: value for key, value in values.items() if value is not None}

    def _own_mistakes(self) -> Mapping[str, str]:
        return self.cluster_fields.missing() or model_mistakes(Connection, self._connection_values("a"))

    def _connection_name_mistake(self, name: str) -> str:
        workspace = self.parts.bridge.view.workspace
        if name in (*workspace.connections, *workspace.connectors, SANDBOX, self.name_field.current):
            return f"“{name}” is taken already."
        return model_mistakes(Connection, self._connection_values(name)).get("name", "")

    def _on_save_as(self, name: str) -> None:
        if not self._asks_something():
            self.check_now(lambda: self._ask_and_save_as(name))

    def _ask_and_save_as(self, name: str) -> None:
        if name in self.parts.bridge.view.workspace.settings.production:
            self.ask.ask(
                f"{name} is marked as production. Save creates connections/{name}.yaml.",
                ((f"Save on {name}", lambda: self._store_and_save_as(name)), ("Cancel", self._go_on)),
                tone=Tone.FAILED,
            )
        else:
            self._store_and_save_as(name)

    def _store_and_save_as(self, name: str) -> None:
        if self.ask_what_is_open(takes_focus=True):
            return
        bridge = self.parts.bridge
        self._is_saving = True
        self.show_buttons({})

        def work_out() -> None:
            save = self._save_connection if self.mistakes() else self._save_with_connection
            bridge.submit(EditFields("", self._connection_values(name)), lambda text: save(name, text), self.refuse)

        store_secrets(
            bridge, self.cluster_fields.typed_secrets(), ask=self.ask, on_done=work_out, on_stopped=self._on_stopped
        )

    def _save_connection(self, name: str, text: str) -> None:
        """Save the connection alone, and choose it: the connector is not whole yet."""

        def use_it() -> None:
            self._is_saving = False
            options = [
                (self.cluster.box.itemData(i), self.cluster.box.itemText(i)) for i in range(self.cluster.box.count())
            ]
            self.cluster.offer([(name, name), *options])
            self.cluster.fill(name)
            self.save_as.reset()

        path = f"connections/{name}.yaml"
        self.changes.save(
            {path: text}, expected={path: None}, words=f"created {name}", on_done=use_it, on_error=self.refuse
        )

    def _save_with_connection(self, name: str, text: str) -> None:
        """Save the connection and the connector that names it as one, so that they are taken back as one."""
        path = f"connections/{name}.yaml"
        values = {**self.written(), "connection": name, **dict.fromkeys(_OWN_KEYS)}

        def own(connector: str) -> None:
            edit_files(
                self.parts.bridge,
                self.further_edits(),
                lambda changes, expected: self._write(
                    self.new_path(), connector, {**changes, path: text}, {**expected, path: None}, None
                ),
                self.refuse,
            )

        self.parts.bridge.submit(EditFields(self.text, self._changed(values)), own, self.refuse)
