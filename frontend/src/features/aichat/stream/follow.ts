import { readEvents, type ServerSentEvent } from '../../../lib/sse'
import type { DeltaFrame, DoneFrame, ErrorBody, StartFrame } from '../types'
import type { AnswerText } from './text'

/** How one answer is reached: the request that begins it, and the one that picks it up again. */
export interface AnswerSource {
  /** POST that begins the answer. Absent when it already runs and is only attached to. */
  readonly open?: (signal: AbortSignal) => Promise<Response>
  readonly resume: (messageId: string, position: number, signal: AbortSignal) => Promise<Response>
}

export interface AnswerEvents {
  onStart(frame: StartFrame): void
  /** `text` has grown. */
  onText(): void
  /** The connection is gone and is being made again. */
  onReconnecting(): void
}

export type Outcome =
  | { readonly kind: 'done'; readonly frame: DoneFrame }
  /** The server says that nothing is missing but not how the answer ended: read the message. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'error'; readonly error: ErrorBody }
  /** The server could not be reached for longer than the retries last. The answer may still be running there. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'aborted' }

export interface FollowOptions {
  readonly source: AnswerSource
  readonly events: AnswerEvents
  readonly text: AnswerText
  /** Known when attaching; otherwise learned from the start frame. */
  readonly messageId?: string
  readonly signal: AbortSignal
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly random?: () => number
}

/** Three missed heartbeats (one every 15 s): the connection is half open and will never speak again. */
const SILENCE_MS = 45_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 16_000
/** Waits add up to about a minute and a half; then a person decides. */
const MAX_FAILURES = 9
const TRY_AGAIN = new Set([408, 425, 502, 503, 504])

/**
 * Follows one answer to its end over as many connections as it takes.
 *
 * Exactly-once text rests on positions, not on connections: every delta says where it ends, and `AnswerText` drops what
 * it has and reports what it lacks. So a repeated POST (same client id), a resume and an overlap are all the same case.
 */
export async function followAnswer(options: FollowOptions): Promise<Outcome> {
  const { source, events, text, signal, wait = pause, random = Math.random } = options
  let messageId = options.messageId
  let failures = 0

  const connect = (): Promise<Response> => {
    if (messageId !== undefined) return source.resume(messageId, text.length, signal)
    if (!source.open) throw new TypeError('An answer needs either a way to open it or its id')
    return source.open(signal)
  }

  for (;;) {
    try {
      const response = await connect()
      if (response.status === 204) return { kind: 'settled' }
      if (!response.ok && !TRY_AGAIN.has(response.status)) return { kind: 'error', error: await errorBody(response) }
      if (response.ok && response.body) {
        for await (const batch of readEvents(response.body, { silenceMs: SILENCE_MS })) {
          failures = 0
          for (const event of batch) {
            const step = apply(event, text, events)
            if (step.kind === 'started') messageId = step.messageId
            else if (step.kind === 'ended') return step.outcome
            else if (step.kind === 'gap') throw new GapError()
          }
          if (signal.aborted) return { kind: 'aborted' }
          events.onText()
        }
      }
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' }
      if (!isConnectionFailure(error)) throw error
    }
    if (signal.aborted) return { kind: 'aborted' }
    failures += 1
    if (failures > MAX_FAILURES) return { kind: 'unreachable' }
    events.onReconnecting()
    await wait(backoff(failures, random), signal)
    if (signal.aborted) return { kind: 'aborted' }
  }
}

type Step =
  | { readonly kind: 'started'; readonly messageId: string }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'grown' | 'gap' }

function apply(event: ServerSentEvent, text: AnswerText, events: AnswerEvents): Step {
  if (event.event === 'start') {
    const frame = JSON.parse(event.data) as StartFrame
    text.adopt(frame.message.content)
    events.onStart(frame)
    return { kind: 'started', messageId: frame.message.id }
  }
  if (event.event === 'error') {
    return { kind: 'ended', outcome: { kind: 'error', error: JSON.parse(event.data) as ErrorBody } }
  }
  const frame = JSON.parse(event.data) as DeltaFrame | DoneFrame
  // `312.done`: the terminal frame names the length too, so even a lost last delta is noticed.
  const end = Number.parseInt(event.id, 10)
  if (!text.append(frame.delta, end)) return { kind: 'gap' }
  return frame.done ? { kind: 'ended', outcome: { kind: 'done', frame } } : { kind: 'grown' }
}

class GapError extends Error {}

/**
 * `fetch` reports every network failure as a TypeError, a cut body as a TypeError or a DOMException. A frame that is no
 * JSON (SyntaxError) was cut by something in between. Anything else is a bug and must surface.
 */
function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof GapError ||
    error instanceof SyntaxError ||
    error instanceof DOMException ||
    (error instanceof Error && (error.name === 'TypeError' || error.name === 'StreamSilentError'))
  )
}

/** 0.5, 1, 2, 4 … s, each ±20 % so that a restarted server does not meet all its clients at once. */
export function backoff(failures: number, random: () => number): number {
  const base = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS)
  return base * (0.8 + 0.4 * random())
}

/** Waits, but not past the moment the browser says the network is back. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      removeEventListener('online', finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    signal.addEventListener('abort', finish)
    addEventListener('online', finish)
  })
}

async function errorBody(response: Response): Promise<ErrorBody> {
  try {
    const body = (await response.json()) as Partial<ErrorBody>
    if (typeof body.error === 'string') return { ...body, error: body.error, code: body.code ?? 'error' }
  } catch {
    // Not our server's words (a proxy's page): the status is all there is.
  }
  return { error: `HTTP ${response.status}`, code: `http_${response.status}` }
}
