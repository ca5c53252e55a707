import flax.linen as nn
import jax
import jax.numpy as jnp


class Encoder(nn.Module):
    latents: int

    @nn.compact
    def __call__(self, x):
        x = nn.Conv(16, (3, 3), strides=2)(x)
        x = nn.relu(x)
        x = nn.Conv(32, kernel_size=(3, 3), strides=(2, 2), padding=((1, 1), (1, 1)))(x)
        x = nn.relu(x)
        x = x.reshape(x.shape[0], -1)
        return nn.Dense(self.latents, name='code')(x)


class Decoder(nn.Module):
    @nn.compact
    def __call__(self, z):
        z = nn.Dense(7 * 7 * 32)(z)
        z = nn.relu(z)
        z = z.reshape((-1, 7, 7, 32))
        z = nn.ConvTranspose(16, (3, 3), strides=(2, 2))(z)
        z = nn.relu(z)
        z = nn.ConvTranspose(1, (4, 4), strides=(2, 2), padding='VALID')(z)
        return nn.sigmoid(z)


class Autoencoder(nn.Module):
    latents: int = 20

    def setup(self):
        self.encoder = Encoder(self.latents)
        self.decoder = Decoder()

    def __call__(self, x):
        z = self.encoder(x)
        return self.decoder(z)


class Tokens(nn.Module):
    """Words, and steps that are not read."""
    vocabulary: int = 1000

    @nn.compact
    def __call__(self, tokens, deterministic=True):
        x = nn.Embed(self.vocabulary, 64)(tokens)
        x = x + nn.SelfAttention(num_heads=4, deterministic=deterministic)(nn.LayerNorm()(x))
        x = nn.GroupNorm(num_groups=8)(x)
        x = nn.Dropout(0.1)(x, deterministic=deterministic)
        return nn.Dense(2)(x.mean(axis=1))


if __name__ == '__main__':
    model = Autoencoder(latents=8)
    variables = model.init(jax.random.PRNGKey(0), jnp.zeros((1, 28, 28, 1)))
