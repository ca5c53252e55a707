// A child that behaves as its first argument says; speaks raw frames, so that the messenger is tested against something else than itself.
const mode = process.argv[2];
const send = (frame) => process.send(frame);
const hello = (protocol = 1) => send({ type: 'hello', protocol, name: 'engine', detail: { version: '9.9.9' } });

process.on('disconnect', () => process.exit(0));

const answers = {
  echo: ({ id, query }) => send({ type: 'result', id, value: query }),
  slow: ({ id, query }) => setTimeout(() => send({ type: 'result', id, value: query }), 150),
  progress: ({ id }) => {
    send({ type: 'progress', id, progress: { fraction: 0.5, message: 'half' } });
    send({ type: 'result', id, value: 'done' });
  },
  fault: ({ id }) => send({ type: 'fault', id, fault: { kind: 'too-large', message: 'too much', layer: 'dense1' } }),
  crash: () => { process.stderr.write('about to fall\n'); process.exit(3); },
  // Crashes on the query "bad" alone.
  touchy: ({ id, query }) => (query === 'bad' ? process.exit(4) : send({ type: 'result', id, value: query })),
  deaf: () => { for (;;); },
  polite: () => {},
  garbage: ({ id, query }) => {
    for (const raw of [null, 7, 'x', [], {}, { type: 'result' }, { type: 'result', id: -1 }, { type: 'progress', id, progress: 3 }, { type: 'fault', id }, { type: 'result', id: 999, value: 'nobody asked' }]) send(raw);
    send({ type: 'result', id, value: query });
  },
  flood: () => { for (let i = 0; i < 500; i++) send('noise'); },
  shut: () => process.removeAllListeners('disconnect') && process.disconnect() ,
};

if (mode === 'silent') {
  setInterval(() => {}, 1000);
} else if (mode === 'stillborn') {
  process.exit(7);
} else if (mode === 'foreign') {
  hello(999);
} else {
  hello();
  process.on('message', (frame) => {
    if (frame.type === 'call') answers[mode](frame);
    if (frame.type === 'cancel' && mode === 'polite') send({ type: 'fault', id: frame.id, fault: { kind: 'cancelled', message: 'Cancelled.' } });
  });
  if (mode === 'shut') setInterval(() => {}, 1000);
}
