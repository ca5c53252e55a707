# idioms: dtype-argument, lightning, star-lists, list-building, config
import pytorch_lightning as pl
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchcvnn.nn as c_nn


class PolSARClassifier(pl.LightningModule):
    """Pixelwise classification of scattering vectors of three polarisations."""

    def __init__(self, n_in: int = 3, hidden: int = 48, depth: int = 2, num_classes: int = 5, lr: float = 1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.model = self.configure_net()
        self.loss = nn.CrossEntropyLoss()

    def configure_net(self):
        width = self.hparams.hidden
        layers = [nn.Linear(self.hparams.n_in, width, dtype=torch.complex64), c_nn.CReLU()]
        for _ in range(self.hparams.depth - 1):
            layers += [nn.Linear(width, width, dtype=torch.complex64), c_nn.CReLU(), c_nn.Dropout(p=0.2)]
        layers.append(nn.Linear(width, self.hparams.num_classes, dtype=torch.complex64))
        layers.append(c_nn.Mod())
        return nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.loss(self(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val_acc", (self(x).argmax(dim=-1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
