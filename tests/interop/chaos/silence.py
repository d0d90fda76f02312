"""Who was kept waiting without an excuse. Pure: from what was asked and what had gone wrong."""

from dataclasses import dataclass

from .faults import CABLE

TRIES_MAX = 2
NOTICE = 6.0   # keepalive, the tick, the disk; on a busy machine
RETURN = 6.0   # a start, STARTUP included


@dataclass
class Question:
    name: str
    client: str
    asked: float           # all times: of one clock
    answered: float | None = None
    tries: int = 1
    given_up: float | None = None  # the client asked no more

    @property
    def end(self):
        return self.answered or self.given_up


def excuses(faults):
    """(begin, end) of what excuses silence; `faults`: with their times as they really were."""
    windows = []
    for fault in faults:
        if fault.target == CABLE:
            continue
        if fault.kind == "kill-both":
            windows.append((fault.at, fault.end + RETURN))
        elif fault.kind == "cut-access":
            # Of the primary: its partner cannot know. Of the secondary while it serves alone: nor anybody.
            windows.append((fault.at, fault.end + NOTICE))
        else:
            windows.append((fault.at, fault.at + NOTICE))
    down = [fault for fault in faults if fault.target != CABLE]
    for one in down:
        for other in down:
            if one is not other and one.target != other.target and one.at <= other.at < one.end + RETURN:
                windows.append((one.at, max(one.end, other.end) + RETURN))
    return windows


def faults_of(questions, windows):
    """A text for each question that was answered late, or never, and is not excused."""
    found = []
    for question in questions:
        if question.answered is not None and question.tries <= TRIES_MAX:
            continue
        if question.end is None or question.tries <= TRIES_MAX:
            continue  # it was still being asked at the end
        if any(begin <= question.end and question.asked <= end for begin, end in windows):
            continue
        what = "is never answered" if question.answered is None else "is answered late"
        found.append(f"{question.name} of {question.client} at {question.asked:.3f} {what}: {question.tries} tries in "
                     f"{question.end - question.asked:.1f} s")
    return found
