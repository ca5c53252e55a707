# idioms: dtype-argument, argparse, star-lists, list-building, factories
import argparse

import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


def parse():
    parser = argparse.ArgumentParser(description="complex MLP on IQ features")
    parser.add_argument("--n-in", type=int, default=32)
    parser.add_argument("--width", type=int, default=128, help="units of a hidden layer")
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--activation", default="zReLU", choices=["zReLU", "CReLU"])
    parser.add_argument("--no-bias", action="store_true")
    parser.add_argument("--lr", type=float, default=1e-3)
    return parser.parse_args()


def build(args):
    layers = []
    n = args.n_in
    for _ in range(args.depth):
        layers.append(nn.Linear(n, args.width, bias=not args.no_bias, dtype=torch.complex64))
        layers.append(getattr(c_nn, args.activation)())
        n = args.width
    layers.append(nn.Linear(n, 1, dtype=torch.complex64))
    return nn.Sequential(*layers)


args = parse()
model = build(args)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
