/** After a frame's work of n ms the next waits 4n ms, so drawing never takes more than a fifth of the main thread. */
const REST_PER_WORK = 4;
/** Work below this is free: it fits into any frame. */
const CHEAP_MS = 3;

/**
 * Runs `work` at most once per animation frame, and less often when the work itself turns out to be heavy: a slow phone
 * shows bigger steps of text instead of a page that does not answer.
 */
export class FramePacer {
  private frame = 0;
  private notBefore = 0;

  constructor(private readonly work: () => void) {}

  request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(this.run);
  }

  cancel(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private readonly run = (): void => {
    this.frame = 0;
    const start = performance.now();
    if (start < this.notBefore) {
      this.request();
      return;
    }
    this.work();
    const cost = performance.now() - start;
    this.notBefore = cost > CHEAP_MS ? start + cost * (1 + REST_PER_WORK) : 0;
  };
}
