<?php
declare(strict_types=1);

namespace Kleep\SizeButton\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * On which side of the element that the selector names.
 */
class Where implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray(): array
    {
        return [
            ['value' => 'beforebegin', 'label' => __('Before it')],
            ['value' => 'afterend', 'label' => __('After it')],
        ];
    }
}
