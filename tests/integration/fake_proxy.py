"""An HTTP proxy that counts what it is asked for."""

import http.client
import urllib.parse

from .local_http import LocalHttp

OF_THE_CONNECTION = {"connection", "proxy-connection", "content-length", "transfer-encoding", "keep-alive"}


class FakeProxy(LocalHttp):
    def answer(self, request):
        url = urllib.parse.urlsplit(request.path)
        headers = {name: value for name, value in request.headers.items() if name not in OF_THE_CONNECTION}
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
        try:
            connection.request(request.method, url._replace(scheme="", netloc="").geturl() or "/", request.body or None, headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        return response.status, {name: value for name, value in response.getheaders()
                                 if name.lower() not in OF_THE_CONNECTION}, body

    @property
    def environment(self):
        """For all that there is: the tests' servers speak HTTP, ECR HTTPS."""
        return dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), self.url)

    def hosts(self):
        return {urllib.parse.urlsplit(request.path).netloc for request in self.requests}
