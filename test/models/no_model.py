# idioms: no-model
import torch


def train(model, data):
    for x, y in data:
        loss = (model(x) - y).abs().mean()
        loss.backward()
