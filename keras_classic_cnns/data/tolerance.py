"""Damaged images do not end a run: they are skipped, counted and named in the log.

tf.data can leave out what fails, but only without a word, and all that follows would move up. So
a batch is tried whole, in a dataset of its own. Only if that fails it is done again image by
image, and what is missing then is told from the numbers of what is left. That costs nothing for
each image, and what follows stays where it is.
"""

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data.parallel import parallel_flat_map, parallel_map

FLOOR = 5  # so many damaged images are no reason to stop, however few there are in all
NAMED = 5  # so many are named in the error

_log = logging.getLogger(__name__)


class Damage:
    """The images of a source that could not be read, and how many may be.

    Args:
        what: What the images are of, for messages.
        num_examples: Images of the source.
        max_share: The largest share of the images seen that may be damaged, in `[0, 1]`; five
            may be in any case, unless it is 0.
        first: The number of the first image that is read; numbers go on in the next epoch.
        decode: Decodes the bytes of an image file; asked for the reason.

    Example:
        >>> Damage("cats, train", 100, 0.01, decode=tf.io.decode_png).allowed(seen=100)
        5
        >>> Damage("cats, train", 9000, 0.01, decode=tf.io.decode_png).allowed(seen=2000)
        20
    """

    def __init__(
        self,
        what: str,
        num_examples: int,
        max_share: float,
        *,
        decode: Callable[[tf.Tensor], tf.Tensor],
        first: int = 0,
    ):
        self.what = what
        self.num_examples = num_examples
        self.max_share = validate.number("max_damaged", max_share, minimum=0, maximum=1)
        self.first = first
        self.decode = decode
        self.names: dict[str, str] = {}  # and why
        self._lock = threading.Lock()

    def allowed(self, seen: int) -> int:
        """How many of the images seen may be damaged."""
        return max(FLOOR, int(self.max_share * seen)) if self.max_share else 0

    def note(self, number: int, left: int, names: Any, contents: Any) -> bytes:
        """Logs damaged images, each once.

        Args:
            number: The number of the last image of the batch.
            left: How many images of the batch are not damaged.
            names: What the damaged images are called, bytes.
            contents: Their bytes.

        Returns:
            Why the run cannot go on, or an empty string.
        """
        with self._lock:
            for name, content in zip(names, contents, strict=True):
                name = name.decode(errors="replace")
                if name not in self.names:
                    self.names[name] = self._reason(content)
                    _log.warning(
                        "Skipped a damaged image of %s: %s (%s)",
                        self.what,
                        name,
                        self.names[name],
                    )
            seen = min(self.num_examples, int(number) + 1 - self.first)
            if len(self.names) > self.allowed(seen):
                most = f"At most {self.allowed(seen)} may be. "
                received = validate.received("max_damaged", self.max_share)
                return f"{self._damaged(seen)} {most}{received}".encode()
            if left:
                return b""
            how = f"{self._damaged(seen)} Or take another batch size."
            return f"No image of a batch can be read. {how}".encode()

    def _damaged(self, seen: int) -> str:
        some = "; ".join(f"{name} ({self.names[name]})" for name in list(self.names)[:NAMED])
        more = len(self.names) - NAMED
        return (
            f"{len(self.names)} of the {seen} images seen of {self.what} are damaged: {some}"
            f"{f', and {more} more' if more > 0 else ''}. Remove or replace these files."
        )

    def _reason(self, content: bytes) -> str:
        try:
            self.decode(tf.constant(content))
        except (tf.errors.OpError, ValueError, TypeError) as error:
            reason = str(getattr(error, "message", error)).strip().splitlines()[0]
            return re.sub(r"{{.*?}} *| *\[Op:.*", "", reason)  # without the name of the operation
        return "it can be decoded, but not prepared"


def tolerant_batches(
    examples: tf.data.Dataset,
    prepare: Callable[..., tuple[tf.Tensor, ...]],
    batch_size: int,
    *,
    damage: Damage,
    prepare_jpeg: Callable[..., tuple[tf.Tensor, ...]] | None = None,
    deterministic: bool = True,
    drop_remainder: bool = False,
) -> tf.data.Dataset:
    """Maps in parallel and batches; what cannot be mapped gives way to a neighbour.

    Args:
        examples: A dataset of `(number, bytes, label, name)`.
        prepare: Maps one of them to a tuple of tensors of static shapes.
        batch_size: Examples a batch.
        damage: Told about each example for which `prepare` fails.
        prepare_jpeg: Does the same for common JPEGs, in less time, and may fail for others. It is
            taken first where a batch looks like JPEGs.
        deterministic: Whether the order inside of a batch, and of batches, is that of `examples`.
        drop_remainder: Whether a last, smaller batch is left out.

    Returns:
        A dataset of `(rows, ok)`: the batched results, and for every row whether it is its own;
        else it is another of the same batch.
    """
    # TensorFlow optimizes no other function inside of a function
    prepare, prepare_jpeg = (way and tf.function(way) for way in (prepare, prepare_jpeg))

    def attempt(*batch: tf.Tensor) -> tf.data.Dataset:
        size = tf.size(batch[0], out_type=tf.int64)
        each = tf.data.Dataset.from_tensor_slices(batch)

        def whole_by(way: Callable, examples: tf.data.Dataset) -> tf.data.Dataset:
            rows = parallel_map(examples, lambda *one: way(*one), deterministic=deterministic)
            whole = rows.batch(size, drop_remainder=True).ignore_errors()
            return whole.map(lambda *rows: (tf.range(size), rows))

        whole = whole_by(prepare, each)
        if prepare_jpeg is not None:
            are_jpegs = tf.reduce_all(tf.io.is_jpeg(batch[1]))
            some = each.take(tf.where(are_jpegs, size, 0))
            whole = whole_by(prepare_jpeg, some).concatenate(whole)
        # a batch that is damaged
        numbered = each.enumerate()
        left = parallel_map(numbered, lambda place, one: (place, prepare(*one))).ignore_errors()
        none = tf.data.Dataset.from_tensors(_nothing(left.element_spec))
        tried = whole.concatenate(left.batch(size)).concatenate(none).take(1)
        return tried.map(lambda places, rows: (places, rows, batch))

    def mend(places: tf.Tensor, rows: tuple, batch: tuple) -> tuple[tuple, tf.Tensor]:
        is_whole = tf.equal(tf.size(places), tf.size(batch[0]))
        return tf.cond(
            is_whole,
            lambda: (rows, tf.ones_like(batch[0], tf.bool)),
            lambda: _mended(places, rows, batch, damage),
        )

    batches = examples.batch(batch_size, drop_remainder=drop_remainder)
    # two at a time, so that no processor waits for the end of a batch
    batches = batches.interleave(
        attempt, cycle_length=2, num_parallel_calls=2, deterministic=deterministic
    )
    size = batch_size if drop_remainder else None
    return batches.map(mend).map(lambda rows, ok: _with_size(rows, ok, size))


def tolerant_examples(
    examples: tf.data.Dataset,
    prepare: Callable[..., tuple[Any, ...]],
    *,
    damage: Damage,
    deterministic: bool = True,
) -> tf.data.Dataset:
    """Maps in parallel, in order; leaves out what cannot be mapped, after the damage was noted.

    Args:
        examples: A dataset of `(number, bytes, label, name)`.
        prepare: Maps one of them to tensors, of any shapes.
        damage: Told about each example for which `prepare` fails.
        deterministic: Whether the order is that of `examples`.
    """
    prepare = tf.function(prepare)

    def attempt(*example: tf.Tensor) -> tf.data.Dataset:
        one = tf.data.Dataset.from_tensors(example)
        whole = one.map(prepare).ignore_errors()

        def note(number: tf.Tensor, content: tf.Tensor, _: tf.Tensor, name: tf.Tensor) -> Any:
            reason = tf.numpy_function(
                damage.note, [number, 1, name[None], content[None]], tf.string
            )
            go_on = tf.debugging.Assert(tf.equal(reason, ""), [reason], summarize=1)
            with tf.control_dependencies([go_on]):  # zeros have the types, and are dropped
                return tf.nest.map_structure(
                    lambda part: tf.zeros([side or 0 for side in part.shape], part.dtype),
                    whole.element_spec,
                )

        return whole.concatenate(one.map(note).filter(lambda *_: False)).take(1)

    return parallel_flat_map(examples, attempt, deterministic=deterministic)


def _nothing(spec: Any) -> Any:
    """A batch of no examples."""
    return tf.nest.map_structure(lambda part: tf.zeros((0, *part.shape), part.dtype), spec)


def _mended(
    places: tf.Tensor, rows: tuple[tf.Tensor, ...], batch: tuple, damage: Damage
) -> tuple[tuple[tf.Tensor, ...], tf.Tensor]:
    """Fills a batch up with others of its rows, after the damage was noted."""
    numbers, contents, _, names = batch
    own = tf.range(tf.size(numbers, out_type=tf.int64))[:, None] == places[None]
    ok = tf.reduce_any(own, axis=1)
    lost = tf.logical_not(ok)
    reason = tf.numpy_function(
        damage.note,
        [tf.reduce_max(numbers), tf.size(places), names[lost], contents[lost]],
        tf.string,
    )
    go_on = tf.debugging.Assert(tf.equal(reason, ""), [reason], summarize=1)
    with tf.control_dependencies([go_on]):
        left = tf.shape(places)[0]
        # one after the other, so that none takes all the places
        others = tf.math.cumsum(tf.cast(lost, tf.int32), exclusive=True)
        others %= left
        own_row = tf.reduce_sum(tf.cast(own, tf.int32) * tf.range(left), axis=1)
        row = tf.where(ok, own_row, others)
    return tuple(tf.gather(part, row) for part in rows), ok


def _with_size(
    rows: tuple[tf.Tensor, ...], ok: tf.Tensor, size: int | None
) -> tuple[tuple[tf.Tensor, ...], tf.Tensor]:
    rows = tuple(tf.ensure_shape(part, (size, *part.shape[1:])) for part in rows)
    return rows, tf.ensure_shape(ok, (size,))
