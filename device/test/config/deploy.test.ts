import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/config.ts';

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../../deploy/${file}`, import.meta.url)), 'utf8');

/** As much of a manifest as the tests look at. */
// biome-ignore lint/suspicious/noExplicitAny: the manifests have a schema of their own, which is not ours
type Manifest = any;

describe('the template unit for systemd', () => {
  it('is the unit for one device, but for the name of the configuration', () => {
    const lines = (file: string) =>
      read(file)
        .split('\n')
        .filter((line) => !line.startsWith('#'));
    assert.deepEqual(
      lines('multistream-device@.service'),
      lines('multistream-device.service').map((line) =>
        line
          .replace('/etc/multistream/cameras.yaml', '/etc/multistream/%i.yaml')
          .replace('Multistream device:', 'Multistream device %i:'),
      ),
    );
  });
});

describe('what starts a device', () => {
  it('starts it again whenever it ends, and systemd also when it hangs', () => {
    for (const unit of ['multistream-device.service', 'multistream-device@.service']) {
      const settings = read(unit).split('\n');
      for (const line of ['Restart=always', 'WatchdogSec=20', 'NotifyAccess=all']) {
        assert.ok(settings.includes(line), `${unit}: ${line}`);
      }
    }
    for (const file of ['compose.yaml', 'edges/compose.yaml']) {
      const { services } = parse(read(file), { merge: true }) as { services: Record<string, Manifest> };
      for (const [name, { restart }] of Object.entries(services)) {
        assert.equal(restart, 'unless-stopped', `${file}: ${name}`);
      }
    }
  });
});

describe('the compose file for edges, and the units', () => {
  const { services } = parse(read('edges/compose.yaml'), { merge: true }) as { services: Record<string, Manifest> };
  const edges = Object.entries(services).filter(([name]) => name.startsWith('edge-'));

  it('has three devices with ports of their own, which the balancer names', () => {
    assert.equal(edges.length, 3);
    const configs = edges.map(([, { environment }]) => parseConfig(read('edges/edge.yaml'), 'edge.yaml', environment));
    const ports = configs.map(({ api }) => api.listen.port);
    const named = [...read('edges/haproxy.cfg').matchAll(/^ {4}server \S+ 127\.0\.0\.1:(\d+)$/gm)];
    assert.deepEqual(
      named.map(([, port]) => Number(port)),
      ports,
    );
    const all = [...ports, ...configs.map(({ webrtc }) => webrtc.listen.port)];
    assert.equal(new Set(all).size, 6);
  });

  it('gives a device longer to end than it takes to hand its viewers over', () => {
    for (const [, { environment, stop_grace_period: grace }] of edges) {
      const { multistream } = parseConfig(read('edges/edge.yaml'), 'edge.yaml', environment);
      assert.ok(multistream.drain > 0);
      assert.ok(Number.parseInt(grace, 10) * 1000 > multistream.drain);
      const [, timeout] = /^TimeoutStopSec=(\d+)$/m.exec(read('multistream-device.service')) ?? [];
      assert.ok(Number(timeout) * 1000 > multistream.drain);
      assert.equal(multistream.maxSessionsPerAddress, multistream.maxSessions);
    }
  });
});

describe('the manifests for Kubernetes', () => {
  const documents = parseAllDocuments(read('kubernetes/edges.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const of = (kind: string) => manifests.find((manifest) => manifest.kind === kind);
  const { spec } = of('Deployment');
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const config = parseConfig(of('ConfigMap').data['cameras.yaml'], 'cameras.yaml', {});

  it('are YAML, and select the same pods', () => {
    assert.deepEqual(
      documents.flatMap(({ errors }) => errors),
      [],
    );
    const { labels } = spec.template.metadata;
    assert.deepEqual(spec.selector.matchLabels, labels);
    assert.deepEqual(of('Service').spec.selector, labels);
    assert.deepEqual(of('PodDisruptionBudget').spec.selector.matchLabels, labels);
    assert.equal(of('HorizontalPodAutoscaler').spec.scaleTargetRef.name, of('Deployment').metadata.name);
  });

  it('open the ports that the configuration names, on the node as well', () => {
    const ports = container.ports.map(({ containerPort, hostPort, protocol = 'TCP' }: Manifest) => {
      assert.equal(hostPort, containerPort);
      return `${containerPort}/${protocol}`;
    });
    const { port } = config.webrtc.listen;
    assert.deepEqual(ports, [`${config.api.listen.port}/TCP`, `${port}/UDP`, `${port}/TCP`]);
  });

  it('send a device no viewers while it drains, and give it the time to', () => {
    assert.equal(container.readinessProbe.httpGet.path, '/healthz');
    assert.deepEqual(container.livenessProbe.tcpSocket, { port: 'http' });
    assert.ok(config.multistream.drain > 0);
    assert.ok(pod.terminationGracePeriodSeconds * 1000 > config.multistream.drain);
    // An edge that goes has ended before the next one takes its ports.
    assert.equal(spec.strategy.rollingUpdate.maxSurge, 0);
  });

  it('grow by a metric that the device has', () => {
    const [{ pods }] = of('HorizontalPodAutoscaler').spec.metrics;
    const metrics = readFileSync(new URL('../../src/http/metrics.ts', import.meta.url), 'utf8');
    assert.ok(metrics.includes(`'${pods.metric.name}'`));
    assert.ok(Number(pods.target.averageValue) < config.multistream.maxSessions);
  });
});
