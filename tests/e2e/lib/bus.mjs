import { connect } from 'nats';
import { until } from './wait.mjs';

const decoder = new TextDecoder();

/** Every event that arrived below a subject, in order. */
export class Events {
  constructor(subscription) {
    this.subscription = subscription;
    this.all = [];
    (async () => {
      for await (const message of subscription) this.all.push({ subject: message.subject, ...JSON.parse(decoder.decode(message.data)) });
    })();
  }

  matching(wanted) {
    return this.all.filter((event) => matches(event, wanted));
  }

  /** The first event that matches; `wanted` is a function, or names of fields and headers with their values. */
  async waitFor(wanted, ms = 10_000) {
    return until(
      () => this.all.find((event) => matches(event, wanted)),
      () => `no event ${typeof wanted === 'function' ? wanted : JSON.stringify(wanted)} among ${this.all.length}: ${this.names().slice(-40).join(' ')}`,
      ms,
    );
  }

  names(uuid) {
    return this.all.filter((event) => uuid === undefined || event.uuid === uuid).map((event) => event.event_name);
  }

  stop() {
    this.subscription.unsubscribe();
  }
}

function matches(event, wanted) {
  if (typeof wanted === 'function') return wanted(event);
  return Object.entries(wanted).every(([key, value]) => {
    const found = key in event ? event[key] : event.headers?.[key];
    return value instanceof RegExp ? value.test(found ?? '') : found === value;
  });
}

/** The sequence numbers of one node that are missing or repeated, as texts; empty: gap-free. */
export function sequenceGaps(events) {
  const wrong = [];
  const last = new Map();
  for (const { node_id: node, epoch, seq } of events) {
    const key = `${node}/${epoch}`;
    const before = last.get(key);
    if (before !== undefined && seq !== before + 1) wrong.push(`${key}: ${before} then ${seq}`);
    last.set(key, seq);
  }
  return wrong;
}

/** What a program on the bus does: ask, tell, and watch. */
export class Bus {
  static async connect(url, prefix = 'freeswitch') {
    const bus = new Bus();
    bus.prefix = prefix;
    bus.connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100, timeout: 5000, ignoreClusterUpdates: true });
    return bus;
  }

  /** One request with its reply envelope; the payload is an object, or text sent as it is. */
  async request(subject, payload = '', ms = 10_000) {
    const text = typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
    const reply = await this.connection.request(`${this.prefix}.${subject}`, text, { timeout: ms });
    return JSON.parse(decoder.decode(reply.data));
  }

  /** Every reply that comes within `ms`. */
  async requestMany(subject, payload, ms = 500) {
    const replies = [];
    const inbox = `_INBOX.e2e.${Math.random().toString(36).slice(2)}`;
    const subscription = this.connection.subscribe(inbox);
    const reading = (async () => {
      for await (const message of subscription) replies.push(JSON.parse(decoder.decode(message.data)));
    })();
    this.connection.publish(`${this.prefix}.${subject}`, typeof payload === 'string' ? payload : JSON.stringify(payload), { reply: inbox });
    await new Promise((done) => setTimeout(done, ms)); // that nothing comes can only be seen by waiting
    subscription.unsubscribe();
    await reading;
    return replies;
  }

  /** The text of one API verb; throws on an error envelope. */
  async api(command, args = '', ms = 10_000) {
    const reply = await this.request('api', { command, args }, ms);
    if (!reply.success) throw new Error(`${command} ${args}: ${reply.message}`);
    return reply.data;
  }

  publish(subject, payload) {
    this.connection.publish(`${this.prefix}.${subject}`, typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  async events(filter = '>') {
    const events = new Events(this.connection.subscribe(`${this.prefix}.events.${filter}`));
    await this.connection.flush();
    return events;
  }

  async close() {
    await this.connection.close();
  }
}
