import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';

/**
 * Every wait is over at once, and the clock has gone on by as much: whoever waits until a time and looks at the clock
 * again finds that it has come. Returns how to go back.
 */
export function skipWaiting(): () => void {
  const clock = FakeTimers.install({ now: Date.now(), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  clock.setTickMode({ mode: 'nextAsync' });
  syncBuiltinESMExports();
  return () => {
    clock.uninstall();
    syncBuiltinESMExports();
  };
}
