import { Button, Group, Text } from '@mantine/core';
import { useId, useRef, type PointerEvent } from 'react';
import { t } from '../../app/messages.ts';

/** Pixels of the drawing; on the page it is as wide as there is room. */
const width = 600;
const height = 180;

/** A place to draw a signature with a finger, a pen or a mouse. Gives the PNG as base64 after each stroke, null when it is empty. */
export function SignaturePad({ onChange }: { onChange: (png: string | null) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const label = useId();
  const drawing = useRef(false);
  const draw = (event: PointerEvent<HTMLCanvasElement>, begins: boolean): void => {
    const pen = event.currentTarget.getContext('2d');
    if (!pen || !(begins || drawing.current)) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height];
    pen.lineWidth = 3;
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    pen.strokeStyle = '#111';
    if (begins) {
      drawing.current = true;
      // What leaves the edge while the button is down still belongs to the stroke.
      event.currentTarget.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(x, y);
    }
    pen.lineTo(x, y);
    pen.stroke();
  };
  const end = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (!drawing.current) return;
    drawing.current = false;
    onChange(event.currentTarget.toDataURL('image/png').replace(/^data:image\/png;base64,/, ''));
  };
  const clear = (): void => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, width, height);
    onChange(null);
  };
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" id={label}>
          {t('sign.draw')}
        </Text>
        <Button variant="subtle" size="compact-xs" onClick={clear}>
          {t('sign.clear')}
        </Button>
      </Group>
      <canvas
        ref={canvas}
        className="signature"
        role="img"
        aria-labelledby={label}
        width={width}
        height={height}
        onPointerDown={(event) => draw(event, true)}
        onPointerMove={(event) => draw(event, false)}
        onPointerUp={end}
        onPointerCancel={end}
      />
    </div>
  );
}
