"""What the peers written in Python have in common: JSON lines, memory, and the finite networks' side of bench/contestant.ts. Knows no library of theirs."""
import json
import resource
import sys
import time

import numpy as np

# A way that wants more than this is told so by a failed allocation, not by the end of this or another process.
MEMORY_SHARE = 0.75


def peak_bytes():
    """Peak resident memory. The kernel's own count for this program; getrusage's starts at what the parent held at the fork."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve(peer):
    """Answers each line of stdin, one request, by the peer's method of that name."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["do"])(request)
        except Exception as error:  # one row that fails must not end the others
            answer = {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        print(json.dumps(answer), flush=True)


def limit_memory():
    """Bounds this process's address space by a share of the machine's memory, where it can be bounded."""
    try:
        with open("/proc/meminfo") as about:
            total = next(int(line.split()[1]) * 1024 for line in about if line.startswith("MemTotal"))
    except OSError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (int(total * MEMORY_SHARE),) * 2)


def weights_of(network, file):
    """The weights of each dense and conv2d layer, planes x [kernel..., in, out], from one file of float32: by layer, re before im."""
    flat = np.fromfile(file, dtype=np.float32)
    planes = 1 if network["field"] == "real" else 2
    channels, at, found = network["input"][-1], 0, []
    for layer in network["layers"]:
        units = layer.get("units", layer.get("channels"))
        if units is None:
            continue
        shape = (planes, *layer.get("kernel", ()), channels, units)
        found.append(flat[at : at + np.prod(shape)].reshape(shape))
        at, channels = at + np.prod(shape), units
    assert at == flat.size, f"{file} holds {flat.size} numbers and the network has {at}"
    return found


class FinitePeer:
    """A peer for the tangent kernel of one output of one finite network, standard parameters: f(x W), the derivatives by W itself.

    `hold` puts inputs [planes, n, ...] and weights into the library's memory, `functions` names the ways, each a function of
    none to the kernel in memory, `blocks` reads a kernel as [rr] or [rr, ri, ir, ii], each n x n.
    """

    def place(self, request):
        inputs, network = request["inputs"], request["network"]
        planes = 1 if network["field"] == "real" else 2
        x = np.fromfile(inputs["file"], dtype=np.float32).reshape([planes, *inputs["shape"]])
        self.hold(network, x, weights_of(network, request["weights"]), request["precision"])
        self.ways = self.functions(network)
        return {"idleBytes": peak_bytes()}

    def run(self, request):
        self.kernel = None  # the peak is one run's
        used, start = time.process_time(), time.perf_counter()
        self.kernel = self.ways[request["way"]]()
        return {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - used}

    def kernel_blocks(self, request):
        """Writes the blocks of the last kernel as float64, one after the other."""
        write(self.blocks(self.kernel), request["file"])
        return {"peakBytes": peak_bytes()}


def write(arrays, file):
    np.concatenate([np.asarray(a, dtype=np.float64).ravel() for a in arrays]).tofile(file)
