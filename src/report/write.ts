// The three files of a result in a folder: all or none. Knows no plot and no process.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../contract/fault.ts';
import type { AnalysisResult } from '../contract/result.ts';
import { encodeNpz, ioFault, writeSet } from '../data/index.ts';
import { reportHtml, type Bundle } from './html.ts';
import { kernelArrays, KERNEL_FILE, resultJson } from './json.ts';

/** The built webview from the folder of bundles. Faults: io. */
export async function readBundle(distDir: string): Promise<Bundle> {
  const read = async (name: string) => {
    const path = join(distDir, name);
    try {
      return await readFile(path, 'utf8');
    } catch (e) {
      const fault = ioFault(e, 'read', path);
      throw new Fault(fault.kind, `${fault.message} The report's page is part of the installation: install or build it again.`, undefined, fault.detail);
    }
  };
  return { script: await read('webview.js'), style: await read('webview.css') };
}

export interface ReportPaths {
  result: string;
  kernel: string;
  html: string;
}

/** Writes result.json, kernel.npz (the kernels that exist) and report.html; makes the folder. Faults: io, too-large, cancelled. */
export async function writeReport(dir: string, result: AnalysisResult, bundle: Bundle, signal?: AbortSignal): Promise<ReportPaths> {
  const text = new TextEncoder();
  const [json, kernel, html] = await writeSet(dir, {
    'result.json': text.encode(resultJson(result)),
    [KERNEL_FILE]: encodeNpz(kernelArrays(result)),
    'report.html': text.encode(reportHtml(result, bundle)),
  }, signal);
  return { result: json!, kernel: kernel!, html: html! };
}
