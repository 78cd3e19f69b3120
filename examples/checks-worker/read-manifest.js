import { parse } from 'plist';
import { elementsOf } from './binary-xml.js';
import { limits } from './limits.js';
import { decode } from './messages.js';

/**
 * What a manifest says of its app: its id, its versions and its permissions. Of an AAB that is its base module's; of an IPA the
 * permissions are the reasons it gives to ask for them, such as NSCameraUsageDescription.
 *
 * Synchronous, and without a bound in time or memory: for a process of its own.
 * @param type  of AppBinaryFileType.
 * @throws Error for what is no such manifest.
 */
export function readManifest(type, bytes) {
  if (type === 'IOS_IPA') return ofInfoPlist(plistOf(bytes));
  return ofAndroid(type === 'ANDROID_APK' ? elementsOf(bytes) : protoElementsOf(bytes));
}

function ofAndroid(elements) {
  let app;
  const permissions = new Set();
  for (const { name, attribute } of elements) {
    if (name === 'manifest') {
      const [bundleId, version, versionId] = ['package', 'versionName', 'versionCode'].map(
        (each) => attribute(each) ?? '',
      );
      app ??= { bundleId, version, versionId };
    }
    const isAsked = name === 'uses-permission' || name === 'uses-permission-sdk-23';
    if (isAsked && permissions.size < limits.permissionCountMax) permissions.add(attribute('name') ?? '');
  }
  if (app === undefined) throw new Error('it has no element manifest');
  return { ...app, permissions: [...permissions].filter((id) => id !== '') };
}

function* protoElementsOf(bytes) {
  const waiting = [decode('examples.checks.XmlNode', bytes)];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { element } = node;
    if (!element) continue;
    yield { name: element.name, attribute: (name) => element.attribute.find((each) => each.name === name)?.value };
    waiting.push(...element.child.toReversed());
  }
}

function plistOf(bytes) {
  const isBinary = bytes.toString('latin1', 0, 6) === 'bplist';
  return parse(isBinary ? new Uint8Array(bytes) : bytes.toString('utf8'));
}

function ofInfoPlist(info) {
  if (typeof info?.CFBundleIdentifier !== 'string') throw new Error('it has no CFBundleIdentifier');
  const text = (key) => (typeof info[key] === 'string' ? info[key] : '');
  const permissions = Object.keys(info).filter((key) => key.endsWith('UsageDescription'));
  return {
    ...{
      bundleId: info.CFBundleIdentifier,
      version: text('CFBundleShortVersionString'),
      versionId: text('CFBundleVersion'),
    },
    permissions: permissions.slice(0, limits.permissionCountMax),
  };
}
