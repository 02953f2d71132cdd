"""A small site that only the serving tests run: slow, streamed, uploaded and live things to shoot at."""
