"""Late chunks: how inference delay is simulated, and what can be done about it.

A policy enters; a policy leaves that answers late, or that makes the best of one that does. All
are wrappers, so a policy knows nothing of them and they may be stacked: a strategy around a
`Delayed` one in simulation, the same strategy around a remote policy in a cell. Nothing sleeps;
the time is that of the observations. `act` returns None while the answer is not there; it is
then called again with the next observation, and the arm goes on with what it had.

The guard places the points of any chunk by their stamps, leaves out those in the past and joins
the rest to the commanded motion within the limits (`lam_ws.safety.playback`). So `Delayed` alone
already is an aligned switch at one point; the strategies differ in what the guard is given.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lam_ws.errors import ConfigurationError
from lam_ws.policy.policy import LatePolicy, Policy
from lam_ws.types import ActionChunk, Array, Goal, Observation
import numpy as np

ROUNDING_S = 1e-9   # s, stamps closer than this are the same
BLEND_S = 0.3       # s over which Blend goes from the old chunk to the new one
STILL = 0.02        # rad/s, a joint slower than this stands


def target(chunk: ActionChunk, now_s: float) -> tuple[Array, Array]:
    """Return [n] position and [n] velocity that `chunk` asks for at `now_s`.

    By the parabola through the three nearest points, also before the first one, where a chunk
    has no point of its own; after the last one it rests there.
    """
    t = now_s - chunk.stamp_s
    times, count = chunk.times, len(chunk.times)
    if t >= times[-1] or count < 2:
        return chunk.position[-1], np.zeros(chunk.position.shape[1])
    used = min(3, count)
    i = min(max(int(np.abs(times - t).argmin()) - 1, 0), count - used)
    powers = np.vander(times[i:i + used] - t, increasing=True)
    found = np.linalg.solve(powers, chunk.position[i:i + used])
    return found[0], found[1]


@dataclass(frozen=True)
class _Flight:
    """A chunk under way: when it arrives, s, and what arrives; None when it is lost."""

    due_s: float
    chunk: ActionChunk | None


class Delayed:
    """Hands a policy's chunks out late, in simulated time.

    The chunk is computed from the observation at which it was asked for. A lost one is noticed
    when it should have arrived, one call later at the earliest, and then asked for anew.

    Args:
        policy: Who computes.
        delay_s: s between the observation and the answer.
        jitter_s: s, up to which uniformly drawn time is added.
        drop: Share of the answers that are lost.
        rng: Where jitter and losses are drawn from, two numbers an answer.

    Raises:
        ConfigurationError: A time is negative, or every answer would be lost.
    """

    def __init__(self, policy: Policy, delay_s: float, jitter_s: float = 0.0, drop: float = 0.0,
                 rng: np.random.Generator | None = None):
        if not (0.0 <= delay_s < np.inf and 0.0 <= jitter_s < np.inf and 0.0 <= drop < 1.0):
            raise ConfigurationError(
                f'a delay of {delay_s} s with {jitter_s} s of jitter and a share of {drop} lost: '
                'the times must not be negative, the share at least 0 and below 1')
        self._policy, self._delay_s, self._jitter_s = policy, delay_s, jitter_s
        self._drop, self._rng = drop, rng or np.random.default_rng(0)
        self._flight: _Flight | None = None

    def reset(self, goal: Goal) -> None:
        """Pursue `goal`; an answer that is under way is for another one and never arrives."""
        self._policy.reset(goal)
        self._flight = None

    def act(self, observation: Observation) -> ActionChunk | None:
        """Ask, unless an answer is under way; return the answer once it is due."""
        now_s = observation.stamp_s + ROUNDING_S
        flight = self._flight
        if flight is None or flight.chunk is None and now_s >= flight.due_s:
            flight = self._flight = self._ask(observation)
        if flight.chunk is None or now_s < flight.due_s:
            return None
        self._flight = None
        return flight.chunk

    def follow_on(self, played: ActionChunk, frozen_s: float) -> None:
        """Pass on what the next answer is to follow on from, to a policy that can."""
        tell_next(self._policy, played, frozen_s)

    def _ask(self, observation: Observation) -> _Flight:
        later, lost = self._rng.random(2)
        chunk = self._policy.act(observation)
        return _Flight(observation.stamp_s + self._delay_s + later * self._jitter_s,
                       None if lost < self._drop else chunk)


class Hold:
    """Stop and wait: synchronous inference, as most runners do it.

    The first `play_s` of a chunk are played from its arrival on and end at rest; only once the
    arm stands is the next one asked for. The arm did not move meanwhile, so the chunk is as
    true of the arm as when it was asked for, and is stamped anew. A world that moves is not
    waited for.

    Args:
        policy: Who answers late.
        play_s: s of each chunk that are played.
    """

    def __init__(self, policy: LatePolicy, play_s: float):
        self._policy, self._play_s, self._until_s = policy, play_s, -np.inf
        self._asked = False

    def reset(self, goal: Goal) -> None:
        """Pass the goal on; what is being played is played to its end."""
        self._policy.reset(goal)
        self._asked = False

    def act(self, observation: Observation) -> ActionChunk | None:
        """Return the chunk that was waited for, cut to what is played of it."""
        now_s = observation.stamp_s
        moving = bool(np.abs(observation.joints.velocity[:-1]).max() > STILL)
        if not self._asked and (moving or now_s < self._until_s - ROUNDING_S):
            return None
        chunk = self._policy.act(observation)
        self._asked = chunk is None
        if chunk is None:
            return None
        count = max(int((chunk.times <= self._play_s + ROUNDING_S).sum()), 1)
        self._until_s = now_s + float(chunk.times[count - 1])
        return replace(chunk, stamp_s=now_s, times=chunk.times[:count],
                       position=chunk.position[:count])


class Naive:
    """Play a late chunk from its first point, as if it had just been computed.

    The stamp is replaced by that of the arrival, so the guard cannot know better: the arm is
    sent back to where it was when the chunk was asked for. Here for comparison only.
    """

    def __init__(self, policy: LatePolicy):
        self._policy = policy

    def reset(self, goal: Goal) -> None:
        """Pass the goal on."""
        self._policy.reset(goal)

    def act(self, observation: Observation) -> ActionChunk | None:
        """Return the chunk that arrives now, stamped with now."""
        chunk = self._policy.act(observation)
        return None if chunk is None else replace(chunk, stamp_s=observation.stamp_s)


class _Joining:
    """What `Blend` and `Rtc` share: they know what is being played, and when nothing is.

    A chunk that is not late is left alone. One that was asked for while the arm stood, with
    nothing played since, is as true when it arrives as it was: it is moved in time, its stamp
    kept. One that lies wholly in the past is of no use, and is asked for anew.

    Args:
        policy: Who answers late.
    """

    def __init__(self, policy: LatePolicy):
        self._policy = policy
        self._played: ActionChunk | None = None

    def reset(self, goal: Goal) -> None:
        """Pass the goal on; what is being played goes on."""
        self._policy.reset(goal)

    def act(self, observation: Observation) -> ActionChunk | None:
        """Return the chunk that arrives now, joined to the one that is being played."""
        late, now_s, old = self._policy.act(observation), observation.stamp_s, self._played
        if late is None:
            return None
        lag_s = now_s - late.stamp_s
        if lag_s > ROUNDING_S:
            if old is None or _end(old) <= late.stamp_s + ROUNDING_S:
                late = replace(late, times=late.times + lag_s)
            elif _end(late) <= now_s + ROUNDING_S:
                return None
            else:
                late = self.join(old, late, now_s)
        self._played = late
        return late

    def join(self, old: ActionChunk, late: ActionChunk, now_s: float) -> ActionChunk:
        """Return `late`, of which something is still ahead, made to follow on from `old`."""
        raise NotImplementedError


class Blend(_Joining):
    """Leave out what lies in the past; go over from the old chunk to the new one gradually.

    Points are compared by their time stamps. Over `BLEND_S`, or over what is left of the old
    chunk if that is less, the share of the new one grows from 0 to 1. The gripper follows the
    new chunk at once: fingers half-way between open and closed hold nothing.
    """

    def join(self, old: ActionChunk, late: ActionChunk, now_s: float) -> ActionChunk:
        """Return the points of `late` that are still ahead, blended with `old`."""
        stamps = late.stamp_s + late.times
        ahead = stamps > now_s + ROUNDING_S
        position, overlap_s = late.position[ahead], min(BLEND_S, _end(old) - now_s)
        if overlap_s > ROUNDING_S:
            share = np.clip((stamps[ahead] - now_s) / overlap_s, 0.0, 1.0)[:, None]
            before = targets(old, stamps[ahead])
            position = np.column_stack([(share * position + (1.0 - share) * before)[:, :-1],
                                        position[:, -1]])
        return replace(late, times=late.times[ahead], position=position)


class Rtc(_Joining):
    """Real-time chunking as far as a regression head allows it.

    Real-time chunking (Black, Galliker and Levine, "Real-Time Execution of Action Chunking Flow
    Policies", NeurIPS 2025) freezes the actions that will have been executed when the next
    chunk arrives and lets a flow model inpaint the rest, guided by a mask that is 1 on the
    frozen part and decays over the overlap.

    What is RTC here: the frozen prefix, which is handed out unchanged, and the exponentially
    decaying weights c (e^c - 1) / (e - 1) over the overlap. What is not: there is no
    conditioning. A regression head returns one answer and cannot be guided, so the difference
    between the prefix and the chunk at the moment of arrival is added to it with those weights.
    The shape of the new chunk is kept, but nothing asks whether the shifted motion is one that
    the policy would have proposed: near contact an offset is an error until it has decayed.

    A flow can be guided, and a policy that has `follow_on` (the backend `flow`) is: it is told
    what is being played and how much of that will be over when its answer arrives, which is as
    long as the last answer took. Its chunk then fits by itself, and little is left to add.
    """

    _lag_s = 0.0    # s that the last answer took

    def act(self, observation: Observation) -> ActionChunk | None:
        """Return the chunk that arrives now; a late one was told what it would follow on from."""
        if self._played is not None and self._lag_s > ROUNDING_S:
            tell_next(self._policy, self._played, self._lag_s)
        late = super().act(observation)
        if late is not None:
            self._lag_s = observation.stamp_s - late.stamp_s
        return late

    def join(self, old: ActionChunk, late: ActionChunk, now_s: float) -> ActionChunk:
        """Return `late` with the frozen prefix in place, and an offset that decays after it."""
        stamps = late.stamp_s + late.times
        frozen = stamps <= now_s + ROUNDING_S
        offset = target(old, now_s)[0] - target(late, now_s)[0]
        end_s = min(_end(old), _end(late))
        if end_s <= now_s + ROUNDING_S:   # the old one has run out: the arm rests at its end
            end_s = _end(late)
        c = np.clip((end_s - stamps) / (end_s - now_s), 0.0, 1.0)[:, None]
        weights = c * np.expm1(c) / np.expm1(1.0)
        shifted = late.position + weights * offset
        shifted[:, -1] = late.position[:, -1]   # as in Blend, fingers do not wait
        return replace(late, position=np.where(frozen[:, None], targets(old, stamps), shifted))


STRATEGIES: Mapping[str, Callable[[LatePolicy, float], LatePolicy]] = {
    'none': lambda policy, play_s: policy,      # the guard's own alignment, nothing else
    'hold': Hold,
    'naive': lambda policy, play_s: Naive(policy),
    'blend': lambda policy, play_s: Blend(policy),
    'rtc': lambda policy, play_s: Rtc(policy),
}


def tell_next(policy: LatePolicy, played: ActionChunk, frozen_s: float) -> None:
    """Tell a policy that can be guided what its next chunk is to follow on from.

    Args:
        policy: One with a method `follow_on`, else nothing happens.
        played: The chunk that is being played.
        frozen_s: s after the next observation that are played come what may.
    """
    follow_on = getattr(policy, 'follow_on', None)
    if follow_on is not None:
        follow_on(played, frozen_s)


def _end(chunk: ActionChunk) -> float:
    """Return the time of a chunk's last point, s."""
    return chunk.stamp_s + float(chunk.times[-1])


def targets(chunk: ActionChunk, stamps: Array) -> Array:
    """Return [H, n] what `chunk` asks for at each of `stamps`."""
    return np.stack([target(chunk, float(stamp))[0] for stamp in stamps])
