import haiku as hk
import jax
import jax.numpy as jnp


def net_fn(batch) -> jnp.ndarray:
  """Standard LeNet-300-100 MLP network."""
  x = batch["image"].astype(jnp.float32)
  mlp = hk.Sequential([
      hk.Flatten(),
      hk.Linear(300), jax.nn.relu,
      hk.Linear(100), jax.nn.relu,
      hk.Linear(10),
  ])
  return mlp(x)


network = hk.without_apply_rng(hk.transform(net_fn))


class ConvBlock(hk.Module):
  def __init__(self, channels, stride=1, name=None):
    super().__init__(name=name)
    self.channels = channels
    self.stride = stride

  def __call__(self, x, is_training):
    x = hk.Conv2D(self.channels, kernel_shape=3, stride=self.stride, with_bias=False)(x)
    x = hk.BatchNorm(create_scale=True, create_offset=True, decay_rate=0.9)(x, is_training)
    return jax.nn.relu(x)


class Classifier(hk.Module):
  def __init__(self, num_classes):
    super().__init__()
    self.blocks = [ConvBlock(c, name=f"block_{c}") for c in (16, 32)]
    self.head = hk.nets.MLP([64, num_classes], activation=jnp.tanh)

  def __call__(self, x, is_training):
    for block in self.blocks:
      x = block(x, is_training)
      x = hk.avg_pool(x, (2, 2, 1), (2, 2, 1), "SAME")
    x = jnp.mean(x, axis=[1, 2])
    return self.head(x)


def forward(x, is_training):
  return Classifier(10)(x, is_training)


model = hk.transform_with_state(forward)
params, state = model.init(jax.random.PRNGKey(0), jnp.ones([1, 28, 28, 1]), True)


def critic_fn(obs, action):
  x = jnp.concatenate([obs, action], axis=-1)
  x = hk.Linear(256, w_init=hk.initializers.VarianceScaling(2.0))(x)
  x = hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x)
  x = hk.dropout(hk.next_rng_key(), 0.1, x)
  x = jax.nn.elu(x)
  return hk.Linear(1, w_init=hk.initializers.RandomNormal(1e-3))(x)


critic = hk.transform(critic_fn)

encoder = hk.transform(lambda z: hk.nets.MLP([32, 32, 2])(jax.lax.complex(z, jnp.zeros_like(z))))
