"""The two services of IAM Identity Center, as functions: botocore's calls and ours get the same answers.

What a token is called decides what becomes of it: "denied…" may not have the role, "over…" is not known any more; a
refresh token that is called "used…" renews nothing. Keys tell which token, role and account they were given out for.
"""

import json
import urllib.parse


def get_role_credentials(token, role, account):
    if token.startswith("over"):
        return 401, {"message": "Session token not found or invalid"}, "UnauthorizedException"
    if token.startswith("denied"):
        return 403, {"message": "No access"}, "ForbiddenException"
    return 200, {"roleCredentials": {
        "accessKeyId": f"ASIA|{token}|{role}|{account}", "secretAccessKey": f"secret of {token}",
        "sessionToken": f"session of {token}", "expiration": 4102444800000}}, None


def create_token(question):
    if question["refreshToken"].startswith("used"):
        return 400, {"error": "invalid_grant", "error_description": "It was used"}, "InvalidGrantException"
    return 200, {"accessToken": f"renewed with {question['refreshToken']} of {question['clientId']}", "expiresIn": 28800,
                 "refreshToken": question["refreshToken"], "tokenType": "Bearer"}, None


def answer(url, headers, body):
    """(status, document, type of error) for a request to either of them."""
    parts = urllib.parse.urlsplit(url)
    if parts.path == "/token":
        return create_token(json.loads(body))
    query = urllib.parse.parse_qs(parts.query)
    return get_role_credentials(headers["x-amz-sso_bearer_token"], query["role_name"][0], query["account_id"][0])
