// Waiting for conditions, always with a deadline and with words for what was missing.

/** Rejects with `missing` after `ms`, unless `promise` settles first. */
export async function within(ms, missing, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${ms} ms: ${typeof missing === 'function' ? missing() : missing}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` every 25 ms until it gives something truthy, and returns that. A probe that throws counts as no. */
export async function until(probe, missing, ms = 10_000) {
  const deadline = Date.now() + ms;
  let reason = '';
  for (;;) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      reason = ` (${error.message})`;
    }
    if (Date.now() > deadline) throw new Error(`after ${ms} ms: ${typeof missing === 'function' ? missing() : missing}${reason}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}
