/**
 * Drawing settled answers costs a few milliseconds each, and a page of history holds dozens. They wait here and are drawn
 * a slice per frame, those near the window only, so that opening a long chat never holds the page up.
 */
type Task = () => void;

const SLICE_MS = 8;
/** Drawn this far before they scroll into sight. */
const NEAR = "600px 0px";

const queue = new Set<Task>();
let frame = 0;

function pump(): void {
  frame = 0;
  const end = performance.now() + SLICE_MS;
  for (const task of queue) {
    queue.delete(task);
    task();
    if (performance.now() > end) break;
  }
  if (queue.size > 0) frame = requestAnimationFrame(pump);
}

function enqueue(task: Task): void {
  queue.add(task);
  if (frame === 0) frame = requestAnimationFrame(pump);
}

const waiting = new WeakMap<Element, Task>();
let observer: IntersectionObserver | null = null;

function observe(element: Element): void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const task = waiting.get(target);
        if (!isIntersecting || task === undefined) continue;
        observer?.unobserve(target);
        enqueue(task);
      }
    },
    { rootMargin: NEAR },
  );
  observer.observe(element);
}

/** Run `task` in some frame once `element` comes near the window. The result gives it up. */
export function whenNear(element: Element, task: Task): () => void {
  waiting.set(element, task);
  observe(element);
  return () => {
    observer?.unobserve(element);
    waiting.delete(element);
    queue.delete(task);
  };
}
