"""DescribeImageScanFindings: what a test says that a scan found, page by page."""

from .errors import ApiError, image_not_found
from .operations import check_image_id
from .registry import rows_after


def describe_image_scan_findings(call):
    repository = call.repository()
    image_id = call.params["imageId"]
    check_image_id(image_id)
    image = repository.find(image_id)
    if image is None:
        raise image_not_found(image_id, repository)
    if image.digest not in repository.scans:
        raise ApiError("ScanNotFoundException", f"Image scan does not exist for the image with '{image_id}' in "
                       f"the repository with name '{repository.name}' in the registry with id '{repository.account}'")
    kind, findings = repository.scans[image.digest]
    page, token = call.pager.page(
        [((n, 0), finding) for n, finding in enumerate(findings, 1)], rows_after, call.params,
        ["scan", repository.account, repository.name, image.digest])
    counts = {}
    for finding in findings:
        counts[finding["severity"]] = counts.get(finding["severity"], 0) + 1
    answer = {
        "registryId": repository.account, "repositoryName": repository.name,
        "imageId": {"imageDigest": image.digest},
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": call.timestamp(image.pushed_at + 60, image.sequence),
            "findingSeverityCounts": counts, kind: [finding for _position, finding in page]},
    }
    if token:
        answer["nextToken"] = token
    return answer
