"""JSON values as documents hold them."""

import json

from hypothesis import strategies as st

from linkops.remote_config.documents.values import Number

numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)).map(json.dumps).map(Number)
# Few different names, so that documents meet in them.
names = st.one_of(st.sampled_from(["a", "b", "c", "a/b", "~", ""]), st.text(max_size=3))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=4)
