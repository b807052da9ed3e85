import { useEffect, useRef, useState } from 'react';
import { t } from '../../app/messages.ts';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { openReader } from './camera.ts';

/** The same code in view counts once until it has been away this long. */
const awayMs = 1500;
const everyMs = 150;

/** The camera's picture; tells each code it sees. */
export function CameraView({ onCode }: { onCode: (code: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const latest = useRef(onCode);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    latest.current = onCode;
  });
  useEffect(() => {
    const state = { stopped: false };
    let stream: MediaStream | null = null;
    const seen = new Map<string, number>();
    const watch = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
      const read = await openReader();
      const element = video.current;
      if (!element || state.stopped) return;
      element.srcObject = stream;
      await element.play();
      while (!state.stopped) {
        for (const code of await read(element)) {
          const now = performance.now();
          if (now - (seen.get(code) ?? -awayMs) >= awayMs) latest.current(code);
          seen.set(code, now);
        }
        await new Promise((done) => setTimeout(done, everyMs));
      }
    };
    watch()
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (state.stopped) for (const track of stream?.getTracks() ?? []) track.stop();
      });
    return () => {
      state.stopped = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);
  if (problem) return <WarningNotice title={t('scan.noCamera')}>{problem}</WarningNotice>;
  return <video ref={video} className="scan-video" muted playsInline aria-label={t('scan.cameraView')} />;
}
