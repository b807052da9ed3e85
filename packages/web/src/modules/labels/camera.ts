/** Reads the codes in a picture of the camera. */
export type ReadCodes = (video: HTMLVideoElement) => Promise<string[]>;

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats: () => Promise<string[]>;
}

const wanted = ['qr_code', 'data_matrix', 'code_128'];

/** The browser's own reader where it knows all our symbologies, otherwise one in WebAssembly that this server delivers. */
export async function openReader(): Promise<ReadCodes> {
  const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (native) {
    const formats = await native.getSupportedFormats().catch((): string[] => []);
    if (wanted.every((format) => formats.includes(format))) {
      const detector = new native({ formats: [...wanted, 'code_39', 'ean_13'].filter((format) => formats.includes(format)) });
      return async (video) => (await detector.detect(video)).map((one) => one.rawValue);
    }
  }
  const [{ prepareZXingModule, readBarcodes }, { default: wasmUrl }] = await Promise.all([
    import('zxing-wasm/reader'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ]);
  prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
  const canvas = document.createElement('canvas');
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context || canvas.width === 0) return [];
    context.drawImage(video, 0, 0);
    const found = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { tryHarder: true });
    return found.map((one) => one.text).filter((text) => text !== '');
  };
}
