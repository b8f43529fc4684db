// Waiting with an end: for whoever must not be kept by what may never answer.

/** What the work answers, or null where that takes longer than `ms`. The work goes on; what it answers later is dropped. */
export function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout>;
  const end = new Promise<null>((done) => (timer = setTimeout(() => done(null), ms)));
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}
