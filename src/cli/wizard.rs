//! The wizard: on the flow list, on a flow, or on a recorded world.
