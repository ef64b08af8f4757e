// One broker, one switch, and what a scenario starts around them.
import { Bus, sequenceGaps } from './bus.mjs';
import { holdTone } from './extensions.mjs';
import { NatsServer } from './nats_server.mjs';
import { until } from './wait.mjs';

export class Rig {
  sequenceGaps = sequenceGaps;
  holdTone = holdTone;
  nodeId = 'E2E-Node.1';
  slug = 'e2e_node_1';

  /** @param kind  a switch: FreeSwitch or Strowger */
  static async start(kind, options = {}) {
    const rig = new Rig();
    rig.kind = kind;
    rig.things = [];
    rig.nats = await NatsServer.start();
    rig.bus = await Bus.connect(rig.nats.url);
    rig.switch = await rig.another({ nodeId: rig.nodeId, ...options });
    rig.everything = await rig.bus.events();
    return rig;
  }

  /** A further switch of the same kind on the same broker; the caller stops it. */
  async another(options) {
    const made = await this.kind.start({ natsUrl: this.nats.url, ...options });
    await made.ready(this.bus);
    return made;
  }

  /** Keeps something that has a stop() until the scenario ends. */
  async owned(starting) {
    const thing = await starting;
    this.things.push(thing);
    return thing;
  }

  async noCalls() {
    return until(async () => (await this.bus.request('api', 'show channels count')).data === '\n0 total.\n', 'calls are left over');
  }

  /** After each scenario: phones go, calls end. */
  async tidy() {
    await Promise.all(this.things.splice(0).map((thing) => thing.stop()));
    await this.bus.api('hupall');
    await this.noCalls();
  }

  async stop() {
    await this.bus?.close();
    await this.switch?.stop();
    await this.nats?.stop();
  }
}
