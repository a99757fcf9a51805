"""What is said about a consumer group under its field: whether it exists, who reads in it, how far behind it is."""

from kafka_agent_studio.api.cluster_commands import GroupDescription
from kafka_agent_studio.gui.forms.cluster_offers import ClusterOffers
from kafka_agent_studio.gui.forms.mistakes import stopped
from kafka_agent_studio.gui.forms.offer_field import OfferField
from kafka_agent_studio.gui.theme import Tone

_MOST_MEMBERS = 4


def say_group(field: OfferField, offers: ClusterOffers) -> None:
    """Say what the broker knows about the group in the field; nothing where nobody was asked."""
    name = str(field.current or "")
    if offers.group_trouble:
        field.say(f"The groups cannot be listed: {stopped(offers.group_trouble)}", tone=Tone.WAITING)
    elif not offers.cluster or offers.groups is None:
        field.say("")
    elif not name:
        field.say("Empty: a group of its own, named as shown.")
    elif offers.group is not None and offers.group.name == name:
        field.say(group_words(offers.group), tone=Tone.WAITING if offers.group.members else Tone.MUTED)
    elif any(group.name == name for group in offers.groups):
        field.say("This group exists: asking for its members…", tone=Tone.ACCENT)
    else:
        field.say("A new group.")


def group_words(group: GroupDescription) -> str:
    """Return members and lag in one sentence."""
    if not group.members:
        who = "Nobody reads in this group now"
    else:
        names = [f"{member.client_id} ({member.host.lstrip('/')})" for member in group.members[:_MOST_MEMBERS]]
        more = f" and {len(group.members) - _MOST_MEMBERS} more" if len(group.members) > _MOST_MEMBERS else ""
        who = f"In this group read {', '.join(names)}{more}: they and this connector share the messages"
    lag = "" if group.lag is None else f"; {group.lag:,} messages behind"
    return f"{who}{lag}."
