/** Where Google Cloud Storage is, unless a binding says otherwise. A file of its own: who only compares origins loads no client for it. */
export const GOOGLE_ENDPOINT = 'https://storage.googleapis.com';
